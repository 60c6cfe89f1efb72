// An OpenID provider for the tests: oidc-provider, which is certified, on the loopback address, with its own pages to sign in.
// provider.mjs PORT REDIRECT_URI KEYS SKEW: KEYS is a file with a private JWKS, read at the start; SKEW is how many seconds
// the provider's clock runs ahead.
import { readFileSync } from 'node:fs';

const [port, redirectUri, keys, skew] = process.argv.slice(2);
const now = Date.now;
Date.now = () => now() + Number(skew || 0) * 1000;

const { default: Provider } = await import('oidc-provider');
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: 'zhida',
    client_secret: 'a secret of the tests',
    redirect_uris: [redirectUri],
    post_logout_redirect_uris: [new URL('/sign-in', redirectUri).href],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  jwks: JSON.parse(readFileSync(keys)),
  cookies: { keys: ['a key of the tests'] },
  pkce: { methods: ['S256'], required: () => true },
  claims: { openid: ['sub', 'employee_number'], profile: ['name'] },
  conformIdTokenClaims: false,
  ttl: { IdToken: 60 },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, employee_number: `E-${id}`, name: `姓名 ${id}` }) }),
});
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
