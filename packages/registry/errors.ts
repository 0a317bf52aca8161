import { defineErrors } from '@helicase/kernel';

/** ECR's codes and sentences: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ */
export const errors = defineErrors({
  notConfigured: {
    code: 'ServerException',
    status: 500,
    message: 'This server fronts no container registry.',
    remedy: 'Ask its operator to start it with --registry http://127.0.0.1:5000 (any OCI registry).',
  },
  registryUnavailable: {
    code: 'ServerException',
    status: 500,
    message: 'The container registry behind this server does not answer as it should: {why}',
    remedy: 'Try again; if it stays so, ask the operator.',
  },
  repositoryMissing: {
    code: 'RepositoryNotFoundException',
    status: 400,
    message: "The repository with name '{name}' does not exist in the registry with id '{registry}'.",
    remedy: '',
  },
  repositoryExists: {
    code: 'RepositoryAlreadyExistsException',
    status: 400,
    message: "The repository with name '{name}' already exists in the registry with id '{registry}'.",
    remedy: '',
  },
  repositoryNotEmpty: {
    code: 'RepositoryNotEmptyException',
    status: 400,
    message:
      "The repository with name '{name}' in registry with id '{registry}' cannot be deleted because it still contains images.",
    remedy: 'Give force to delete them with it.',
  },
  policyMissing: {
    code: 'RepositoryPolicyNotFoundException',
    status: 400,
    message:
      "Repository policy does not exist for the repository with name '{name}' in the registry with id '{registry}'.",
    remedy: '',
  },
  policyMalformed: {
    code: 'InvalidParameterException',
    status: 400,
    message:
      "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided': {fault}",
    remedy: '',
  },
  policyLocksOut: {
    code: 'InvalidParameterException',
    status: 400,
    message: 'This policy would keep you from setting another policy in the future.',
    remedy: 'Give force to set it all the same.',
  },
  imageMissing: {
    code: 'ImageNotFoundException',
    status: 400,
    message:
      "The image with imageId {image} does not exist within the repository with name '{name}' in the registry with id '{registry}'.",
    remedy: '',
  },
  tagImmutable: {
    code: 'ImageTagAlreadyExistsException',
    status: 400,
    message:
      "The image tag '{tag}' already exists in the '{name}' repository and cannot be overwritten because the repository is immutable.",
    remedy: 'Push under another tag.',
  },
  arnMalformed: {
    code: 'InvalidParameterException',
    status: 400,
    message: '"{arn}" is not the ARN of a repository (arn:aws:ecr:region:account:repository/name).',
    remedy: '',
  },
  exclude: {
    code: 'InvalidParameterException',
    status: 400,
    message: '{members} exclude each other.',
    remedy: 'Give one of them.',
  },
  unsupported: {
    code: 'InvalidParameterException',
    status: 400,
    message: '{member} is not supported by this server.',
    remedy: 'Leave it out.',
  },
});
