/**
 * "The IAM user or role that calls the CreateVariantStore or CreateAnnotationStore API operations must allow the following
 * actions": the store comes to its owner by a resource share that is accepted in the caller's name.
 */
export const acceptsInvitation = ['ram:GetResourceShareInvitations', 'ram:AcceptResourceShareInvitation'].map(
  (action) => ({ action, via: 'omics.amazonaws.com' }),
);
