const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JSON Web Token that nobody signed, which development brokers take for OAUTHBEARER. @see RFC 7519, section 6 */
export const unsecuredToken = (user: string, expiresSeconds: number): string =>
  `${part({ alg: 'none' })}.${part({ sub: user, exp: expiresSeconds })}.`;
