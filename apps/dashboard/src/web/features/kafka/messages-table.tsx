import { useState } from 'react';
import type { TopicMessage } from '@millrace/views';
import { useSettings } from '../../lib/settings.ts';
import { dateAndTime } from '../../lib/zone.ts';

/** Messages, newest first; a press on a value shows all of it, with its headers. */
export function MessagesTable({ messages }: { readonly messages: readonly TopicMessage[] }) {
  const { zone } = useSettings();
  const [open, setOpen] = useState<string | null>(null);
  if (messages.length === 0) {
    return <p className="nothing">No committed message is among the newest offsets.</p>;
  }
  return (
    <div className="list" tabIndex={0} role="region" aria-label="Messages, table">
      <table className="numbers">
        <thead>
          <tr>
            {['Time', 'Partition, offset', 'Key', 'Value'].map((title) => (
              <th key={title} scope="col" className="text">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {messages.map((message) => {
            const { partition, offset, timestampMs, key, value } = message;
            const name = `${partition}/${offset}`;
            return (
              <tr key={name}>
                <th scope="row">{dateAndTime(timestampMs, zone)}</th>
                <td className="text">
                  {partition}, {offset}
                </td>
                <td className="text">
                  <code className="message__key" title={key ?? undefined}>
                    {key ?? '–'}
                  </code>
                </td>
                <td className="text message__value">
                  {open === name ? (
                    <MessageDetail message={message} onClose={() => setOpen(null)} />
                  ) : (
                    <button type="button" className="message__short" onClick={() => setOpen(name)}>
                      <code>{value ?? 'tombstone'}</code>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function MessageDetail({
  message,
  onClose,
}: {
  readonly message: TopicMessage;
  readonly onClose: () => void;
}) {
  const { value, form, schemaId, headers } = message;
  const names = Object.keys(headers);
  return (
    <>
      <button type="button" className="quiet" onClick={onClose}>
        Close
      </button>{' '}
      <span className="faint">{schemaId === undefined ? form : `Avro, schema ${schemaId}`}</span>
      <pre className="json" tabIndex={0}>
        {form === 'avro' ? indented(value) : (value ?? 'A tombstone: the key is gone.')}
        {names.map((name) => `\n${name}: ${headers[name]}`).join('')}
      </pre>
    </>
  );
}

/** JSON on lines of its own; long values are cut, and then are none. */
function indented(json: string | null): string {
  try {
    return JSON.stringify(JSON.parse(json ?? 'null'), null, 2);
  } catch {
    return json ?? '';
  }
}
