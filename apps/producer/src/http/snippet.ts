/**
 * What `GET /snippet.js` gives, 1 KiB when it is compressed: `<script src="http://…:4201/snippet.js" defer></script>` makes a
 * page send to `user_clickstream` that it was viewed, clicked, failed and left (the dwell time is what lies between). It keeps
 * a random id of the visitor in localStorage, and reads no field of a form.
 */
export const snippet = `(()=>{
const d=document,n=navigator,u=new URL('/events/user_clickstream?partial=true',d.currentScript.src),id=()=>crypto.randomUUID?crypto.randomUUID():Date.now()+'-'+Math.random();
const kept=(s,k)=>{try{return s[k]||(s[k]=id())}catch{return id()}};
const user=kept(localStorage,'mr_user'),session=kept(sessionStorage,'mr_session');
let q=[],t;
const flush=()=>{clearTimeout(t);t=0;const b=JSON.stringify(q);if(q.length){q=[];n.sendBeacon&&n.sendBeacon(u,b)||fetch(u,{method:'POST',body:b,keepalive:true}).catch(()=>{})}};
const send=(event_type,more)=>{if(q.push({event_id:id(),event_time:Date.now(),event_type,user_id:user,session_id:session,page:location.pathname,device:/Mobi/.test(n.userAgent)?'mobile':/Tablet|iPad/.test(n.userAgent)?'tablet':'desktop',user_agent:n.userAgent.slice(0,300),...more})>19)flush();else t=t||setTimeout(flush,1000)};
addEventListener('load',()=>setTimeout(()=>{const e=performance.getEntriesByType('navigation')[0];send('page_view',{referrer:d.referrer||null,load_ms:e?Math.round(e.loadEventEnd):null})}));
d.addEventListener('click',e=>{const p=e.target.closest&&e.target.closest('[data-product]');send('click',p?{product_id:p.dataset.product}:{})},true);
addEventListener('error',()=>send('error',{}));
addEventListener('unhandledrejection',()=>send('error',{}));
addEventListener('pagehide',()=>{send('leave');flush()});
d.addEventListener('visibilitychange',()=>d.hidden&&flush());
})();
`;
