import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prover, signatureFault } from './proof.ts';

describe('the proof of a request to a destination', () => {
  // The example of Svix' documentation, "Verifying webhooks manually".
  it('is a signature of the Standard Webhooks specification where the key is named so', () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    assert.equal(signatureFault('webhook-signature', secret), undefined);
    const request = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      body: '{"test": 2432232314}',
      at: 1_614_265_330_000,
    };
    assert.deepEqual(prover({ kind: 'API_KEY', name: 'webhook-signature' }, secret)(request), {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    assert.match(signatureFault('Webhook-Signature', 'hush')!, /whsec_ and 24 to 64 bytes/);
  });

  it('is the key itself, or name and password, as the connection says', () => {
    const request = { id: '1', body: '', at: 0 };
    assert.deepEqual(prover({ kind: 'API_KEY', name: 'x-api-key' }, 'hush')(request), {
      'x-api-key': 'hush',
    });
    // RFC 7617's example.
    assert.deepEqual(prover({ kind: 'BASIC', name: 'Aladdin' }, 'open sesame')(request), {
      authorization: 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
    });
  });
});
