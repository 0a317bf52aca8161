import { rootPrincipal } from '@helicase/kernel';

export const ACTOR = {
  scope: { account: '123456789012', region: 'us-east-1' },
  principal: rootPrincipal('123456789012'),
};
