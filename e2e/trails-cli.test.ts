import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { awsCli, type AwsCommand, awsCommand, openWorld, until, type World } from './world.ts';

// A trail through the unmodified aws CLI; `aws cloudtrail validate-logs` is the judge of files, digests and signatures.

describe('a trail', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;
  const bucket = 'audit-records';

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
    await aws.json`s3api create-bucket --bucket ${bucket}`;
  });
  after(() => world?.close());

  const keys = async (part: string) => {
    const { Contents = [] } = await aws.json<{
      Contents?: { Key: string }[];
    }>`s3api list-objects-v2 --bucket ${bucket} --prefix lab/AWSLogs/`;
    return Contents.map(({ Key }) => Key).filter((key) => key.includes(part) && key.endsWith('.gz'));
  };
  const logging = async (name: string) =>
    (await aws.json<{ IsLogging: boolean }>`cloudtrail get-trail-status --name ${name}`).IsLogging;
  const validate = (arn: string, start: string) =>
    aws.raw`cloudtrail validate-logs --trail-arn ${arn} --start-time ${start} --verbose`;

  test('delivers what happened while it was logging, and validate-logs finds it whole', async () => {
    const start = new Date(Date.now() - 60_000).toISOString();
    await aws.json`omics create-sequence-store --name before`;
    const { LogFileValidationEnabled, TrailARN } = await aws.json<{
      TrailARN: string;
      LogFileValidationEnabled: boolean;
    }>`cloudtrail create-trail --name all-of-it --s3-bucket-name ${bucket} --s3-key-prefix lab --enable-log-file-validation`;
    assert.equal(LogFileValidationEnabled, true);
    assert.equal(await logging('all-of-it'), false);
    await aws.json`cloudtrail start-logging --name all-of-it`;
    await aws.json`omics create-sequence-store --name during`;
    await aws.raw`omics get-run-group --id 7654321`;
    assert.equal(await logging('all-of-it'), true);
    await aws.json`cloudtrail stop-logging --name ${TrailARN}`;
    await until(
      () => keys('CloudTrail-Digest'),
      (found) => found.length === 1,
    );

    const [file] = await keys('/CloudTrail/');
    const { accountId } = world.credentials;
    assert.match(
      file!,
      new RegExp(
        `^lab/AWSLogs/${accountId}/CloudTrail/us-east-1/\\d{4}/\\d\\d/\\d\\d/${accountId}_CloudTrail_us-east-1_\\d{8}T\\d{4}Z_\\w{16}\\.json\\.gz$`,
      ),
    );
    const local = join(world.folder, 'file.json.gz');
    await aws.json`s3api get-object --bucket ${bucket} --key ${file} ${local}`;
    const { Records } = JSON.parse(gunzipSync(readFileSync(local)).toString()) as {
      Records: { eventName: string; requestParameters: { name?: string }; errorCode?: string }[];
    };
    const created = Records.filter(({ eventName }) => eventName === 'CreateSequenceStore');
    assert.deepEqual(
      created.map(({ requestParameters }) => requestParameters.name),
      ['during'],
    );
    assert.equal(
      Records.find(({ eventName }) => eventName === 'GetRunGroup')!.errorCode,
      'ResourceNotFoundException',
    );
    assert.equal(Records.filter(({ eventName }) => eventName === 'StopLogging').length, 1);

    const { status, stderr, stdout } = await validate(TrailARN, start);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /1\/1 digest files valid/);
    assert.match(stdout, /1\/1 log files valid/);
    assert.doesNotMatch(stdout + stderr, /INVALID/);

    // And a record that somebody took out is missed.
    writeFileSync(local, gzipSync(JSON.stringify({ Records: Records.slice(1) })));
    await aws.json`s3api put-object --bucket ${bucket} --key ${file} --body ${local}`;
    assert.match((await validate(TrailARN, start)).stdout, /1\/1 log files INVALID/);
  });

  test('is described, changed and deleted as with AWS', async () => {
    type Facts = { Trail: { HasCustomEventSelectors: boolean; S3KeyPrefix?: string; HomeRegion: string } };
    await aws.json`cloudtrail create-trail --name writes --s3-bucket-name ${bucket}`;
    await aws.json`cloudtrail put-event-selectors --trail-name writes --event-selectors ReadWriteType=WriteOnly`;
    await aws.json`cloudtrail update-trail --name writes --s3-key-prefix elsewhere`;
    const { Trail } = await aws.json<Facts>`cloudtrail get-trail --name writes`;
    assert.deepEqual(
      [Trail.HasCustomEventSelectors, Trail.S3KeyPrefix, Trail.HomeRegion],
      [true, 'elsewhere', 'us-east-1'],
    );
    const { EventSelectors } = await aws.json<{ EventSelectors: { ReadWriteType: string }[] }>`
      cloudtrail get-event-selectors --trail-name writes`;
    assert.deepEqual(
      EventSelectors.map(({ ReadWriteType }) => ReadWriteType),
      ['WriteOnly'],
    );
    const { Trails } = await aws.json<{
      Trails: { Name: string; HomeRegion: string }[];
    }>`cloudtrail list-trails`;
    assert.deepEqual(Trails.map(({ Name }) => Name).sort(), ['all-of-it', 'writes']);
    const { trailList } = await aws.json<{ trailList: { Name: string }[] }>`cloudtrail describe-trails`;
    assert.deepEqual(trailList.map(({ Name }) => Name).sort(), ['all-of-it', 'writes']);
    const twice = await aws.raw`cloudtrail create-trail --name writes --s3-bucket-name ${bucket}`;
    assert.match(twice.stderr, /TrailAlreadyExistsException/);
    const nowhere = await aws.raw`cloudtrail create-trail --name lost --s3-bucket-name no-such-bucket`;
    assert.match(nowhere.stderr, /S3BucketDoesNotExistException/);
    const misnamed = await aws.raw`cloudtrail create-trail --name a..b --s3-bucket-name ${bucket}`;
    assert.match(misnamed.stderr, /InvalidTrailNameException/);
    await aws.json`cloudtrail delete-trail --name writes`;
    assert.match((await aws.raw`cloudtrail get-trail --name writes`).stderr, /TrailNotFoundException/);
  });
});
