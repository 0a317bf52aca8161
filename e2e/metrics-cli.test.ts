import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { awsCli, type AwsCommand, awsCommand, openWorld, until, type World } from './world.ts';

// The guide's chapter on CloudWatch with the unmodified aws CLI: metrics, alarms, log groups.

describe('metrics, alarms and log groups', { skip: awsCli.skip, timeout: 300_000 }, () => {
  let world: World;
  let aws: AwsCommand;

  before(async () => {
    world = await openWorld();
    aws = awsCommand(world);
  });
  after(() => world?.close());

  const range = () => {
    const now = Date.now();
    return [new Date(now - 3_600_000).toISOString(), new Date(now + 3_600_000).toISOString()] as const;
  };

  test('get-metric-data gives back what put-metric-data took', async () => {
    for (const value of ['3', '5'])
      await aws.json`cloudwatch put-metric-data --namespace Lab --metric-name Depth --value ${value} --dimensions Lane=1`;
    const [start, end] = range();
    const query = JSON.stringify([
      {
        Id: 'depth',
        MetricStat: {
          Metric: {
            ...{ Namespace: 'Lab', MetricName: 'Depth' },
            Dimensions: [{ Name: 'Lane', Value: '1' }],
          },
          ...{ Period: 86_400, Stat: 'Average' },
        },
      },
      { Id: 'tenfold', Expression: 'depth * 10' },
    ]);
    const { MetricDataResults } = await aws.json<{
      MetricDataResults: { Id: string; Values: number[]; StatusCode: string }[];
    }>`cloudwatch get-metric-data --metric-data-queries ${query} --start-time ${start} --end-time ${end}`;
    const { Id, StatusCode, Values } = MetricDataResults[0]!;
    assert.deepEqual([Id, StatusCode], ['depth', 'Complete']);
    assert.ok(Values.every((value) => value >= 3 && value <= 5) && Values.length > 0);
    assert.deepEqual(
      MetricDataResults[1]!.Values,
      Values.map((value) => value * 10),
    );
    const odd = await aws.raw`cloudwatch put-metric-data --namespace AWS/Omics --metric-name a --value 1`;
    assert.match(odd.stderr, /InvalidParameterValue/);
  });

  test('calls are counted in AWS/Usage', async () => {
    await aws.json`omics list-runs`;
    const listed = await until(
      () =>
        aws.json<{ Metrics: { MetricName: string }[] }>`cloudwatch list-metrics --namespace AWS/Usage
          --dimensions Name=Resource,Value=ListRuns Name=Service,Value=HealthOmics`,
      ({ Metrics }) => Metrics.length > 0,
    );
    assert.equal(listed.Metrics[0]!.MetricName, 'CallCount');
    // "Only the API Operation dimension is reported", of the operations that the guide lists: ListRuns is none of them.
    await aws.json`omics create-run-group --name counted`;
    const reported = await until(
      () =>
        aws.json<{
          Metrics: { MetricName: string; Dimensions: object[] }[];
        }>`cloudwatch list-metrics --namespace AWS/Omics`,
      ({ Metrics }) => Metrics.length > 0,
    );
    assert.deepEqual(
      reported.Metrics.map(({ Dimensions, MetricName }) => [MetricName, Dimensions]),
      [['APICallCount', [{ Name: 'Operation', Value: 'CreateRunGroup' }]]],
    );
    const page = await (await fetch(`${world.server.url}/-/metrics`)).text();
    assert.match(page, /^helicase_api_calls_total\{service="omics",operation="ListRuns",status="200"\} 1$/m);
  });

  test('an alarm that is set tells of it on the default bus and in its history', async () => {
    const group = `arn:aws:logs:us-east-1:${world.credentials.accountId}:log-group:/alarms`;
    await aws.json`cloudwatch put-metric-alarm --alarm-name deep --namespace Lab --metric-name Depth
      --statistic Maximum --period 60 --evaluation-periods 1 --threshold 4
      --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data ignore --alarm-actions ${group}`;
    await aws.json`cloudwatch set-alarm-state --alarm-name deep --state-value ALARM --state-reason tried`;
    const { MetricAlarms } = await aws.json<{
      MetricAlarms: { AlarmName: string; StateReason: string }[];
    }>`cloudwatch describe-alarms --alarm-names deep`;
    assert.equal(MetricAlarms[0]!.AlarmName, 'deep');
    const { AlarmHistoryItems } = await aws.json<{
      AlarmHistoryItems: { HistorySummary: string }[];
    }>`cloudwatch describe-alarm-history --alarm-name deep --history-item-type StateUpdate`;
    assert.ok(
      AlarmHistoryItems.some(
        ({ HistorySummary }) => HistorySummary === 'Alarm updated from INSUFFICIENT_DATA to ALARM',
      ),
    );
    await until(
      () =>
        aws.raw`logs filter-log-events --log-group-name /alarms --filter-pattern ${'{ $.detail.alarmName = "deep" }'}`,
      ({ stdout }) => stdout.includes('CloudWatch Alarm State Change'),
    );
    await aws.json`cloudwatch delete-alarms --alarm-names deep`;
  });

  test('a metric filter counts what comes to a log group', async () => {
    await aws.json`logs create-log-group --log-group-name /counted`;
    await aws.json`logs create-log-stream --log-group-name /counted --log-stream-name one`;
    const pattern = '{ $.latency = * }';
    await aws.json`logs put-metric-filter --log-group-name /counted --filter-name latency
      --filter-pattern ${pattern}
      --metric-transformations metricName=Latency,metricNamespace=Lab,metricValue=$.latency`;
    const { metricFilters } = await aws.json<{
      metricFilters: { metricTransformations: { metricValue: string }[] }[];
    }>`logs describe-metric-filters --log-group-name /counted`;
    assert.equal(metricFilters[0]!.metricTransformations[0]!.metricValue, '$.latency');
    const message = '{"latency": 50}';
    const { matches } = await aws.json<{
      matches: { eventNumber: number; extractedValues: object }[];
    }>`logs test-metric-filter --filter-pattern ${pattern} --log-event-messages ${message} other`;
    assert.deepEqual(
      matches.map(({ eventNumber, extractedValues }) => [eventNumber, extractedValues]),
      [[1, { '$.latency': '50' }]],
    );
    const written = JSON.stringify([{ timestamp: Date.now(), message }]);
    await aws.json`logs put-log-events --log-group-name /counted --log-stream-name one --log-events ${written}`;
    const [start, end] = range();
    const counted = await until(
      () =>
        aws.json<{ Datapoints: { Sum: number }[] }>`cloudwatch get-metric-statistics --namespace Lab
          --metric-name Latency --period 86400 --statistics Sum --start-time ${start} --end-time ${end}`,
      ({ Datapoints }) => Datapoints.length > 0,
    );
    assert.equal(
      counted.Datapoints.reduce((sum, { Sum }) => sum + Sum, 0),
      50,
    );
    const odd = await aws.raw`logs put-subscription-filter --log-group-name /counted --filter-name all
      --filter-pattern ${''} --destination-arn arn:aws:kinesis:us-east-1:111122223333:stream/a`;
    assert.match(odd.stderr, /InvalidParameterException.*nothing here can be told/);
    await aws.json`logs delete-metric-filter --log-group-name /counted --filter-name latency`;
  });

  test('Logs Insights answers a query, and shows where one cannot be read', async () => {
    await aws.json`logs create-log-group --log-group-name /asked`;
    await aws.json`logs create-log-stream --log-group-name /asked --log-stream-name one`;
    const now = Math.floor(Date.now() / 1000);
    const lines = ['ERROR one', 'fine', 'ERROR two'].map((message) => ({ timestamp: now * 1000, message }));
    await aws.json`logs put-log-events --log-group-name /asked --log-stream-name one
      --log-events ${JSON.stringify(lines)}`;
    const query = 'filter @message like /ERROR/ | stats count(*) as errors by bin(1d)';
    const [from, to] = [String(now - 60), String(now + 60)];
    const { queryId } = await aws.json<{ queryId: string }>`logs start-query --log-group-name /asked
      --start-time ${from} --end-time ${to} --query-string ${query}`;
    const { results, statistics } = await until(
      () =>
        aws.json<{
          status: string;
          results: { field: string; value: string }[][];
          statistics: { recordsMatched: number };
        }>`logs get-query-results --query-id ${queryId}`,
      ({ status }) => status === 'Complete',
    );
    assert.deepEqual(results[0]![1], { field: 'errors', value: '2' });
    assert.equal(statistics.recordsMatched, 2);
    const { queries } = await aws.json<{
      queries: { queryString: string; status: string }[];
    }>`logs describe-queries --log-group-name /asked --status Complete`;
    assert.deepEqual(
      queries.map(({ queryString, status }) => [queryString, status]),
      [[query, 'Complete']],
    );
    const odd = await aws.raw`logs start-query --log-group-name /asked --start-time ${from} --end-time ${to}
      --query-string ${'stats average(x)'}`;
    assert.match(
      odd.stderr,
      /MalformedQueryException.*characters 6 to 13: an aggregate function is expected/,
    );
    const asked = await aws.json<{ logGroupFields: { name: string; percent: number }[] }>`
      logs get-log-group-fields --log-group-name /asked`;
    assert.ok(asked.logGroupFields.some(({ name, percent }) => name === '@message' && percent === 100));
    const ended = await aws.raw`logs stop-query --query-id ${queryId}`;
    assert.match(ended.stderr, /InvalidParameterException.*it is Complete/);
  });

  test('a log group is made with tags, written to, kept for a week and deleted', async () => {
    await aws.json`logs create-log-group --log-group-name /lab --tags team=lab`;
    await aws.json`logs create-log-stream --log-group-name /lab --log-stream-name lane/1`;
    const now = Date.now();
    const written = JSON.stringify([{ timestamp: now - 40 * 86_400_000, message: 'forty days ago' }]);
    const { rejectedLogEventsInfo } = await aws.json<{
      rejectedLogEventsInfo: { tooOldLogEventEndIndex: number };
    }>`logs put-log-events --log-group-name /lab --log-stream-name lane/1 --log-events ${written}`;
    assert.equal(rejectedLogEventsInfo.tooOldLogEventEndIndex, 1);
    await aws.json`logs put-log-events --log-group-name /lab --log-stream-name lane/1
      --log-events timestamp=${String(now)},message=today`;
    const { events } = await aws.json<{
      events: { message: string; timestamp: number }[];
    }>`logs get-log-events --log-group-name /lab --log-stream-name lane/1 --start-from-head`;
    assert.deepEqual(
      events.map(({ message, timestamp }) => [message, timestamp]),
      [['today', now]],
    );
    const arn = `arn:aws:logs:us-east-1:${world.credentials.accountId}:log-group:/lab`;
    await aws.json`logs tag-resource --resource-arn ${arn} --tags stage=test`;
    await aws.json`logs untag-resource --resource-arn ${arn} --tag-keys team`;
    const { tags } = await aws.json<{ tags: object }>`logs list-tags-for-resource --resource-arn ${arn}`;
    assert.deepEqual(tags, { stage: 'test' });
    const odd = await aws.raw`logs create-log-group --log-group-name ${'a lab'}`;
    assert.match(odd.stderr, /InvalidParameterException.*logGroupName/);
    await aws.json`logs put-retention-policy --log-group-name /lab --retention-in-days 7`;
    const { logGroups } = await aws.json<{
      logGroups: { logGroupName: string; retentionInDays: number }[];
    }>`logs describe-log-groups --log-group-name-prefix /lab`;
    assert.deepEqual(
      logGroups.map(({ logGroupName, retentionInDays }) => [logGroupName, retentionInDays]),
      [['/lab', 7]],
    );
    await aws.json`logs delete-log-group --log-group-name /lab`;
    const gone = await aws.raw`logs delete-log-group --log-group-name /lab`;
    assert.match(gone.stderr, /ResourceNotFoundException/);
  });
});
