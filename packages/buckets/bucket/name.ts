/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false;
  if (/\.\.|^\d{1,3}(\.\d{1,3}){3}$|^xn--|^sthree-|-s3alias$|--ol-s3$/.test(name)) return false;
  return true;
}
