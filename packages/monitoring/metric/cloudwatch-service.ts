import * as schemas from '@aws-sdk/client-cloudwatch';
import type { OperationConstraints, Service } from '@helicase/wire';
import { alarmOperations } from '../alarm/alarm-operations.ts';
import type { AlarmRoom } from '../alarm/alarm-room.ts';
import { arnTagOperations } from '../tag/arn-tag-operations.ts';
import { metricOperations } from './metric-operations.ts';

const namespace = { min: 1, max: 255, pattern: '[^:].*' };
const name = { min: 1, max: 255 };

/** Bounds of CloudWatch's API model. */
const constraints: Readonly<Record<string, OperationConstraints>> = {
  PutMetricData: {
    ...{ Namespace: namespace, MetricData: { max: 1000 }, 'MetricData[].MetricName': name },
    ...{ 'MetricData[].Dimensions': { max: 30 }, 'MetricData[].Values': { max: 150 } },
    ...{ 'MetricData[].Dimensions[].Name': name, 'MetricData[].Dimensions[].Value': { min: 1, max: 1024 } },
  },
  ListMetrics: { Namespace: namespace, MetricName: name, Dimensions: { max: 10 } },
  GetMetricStatistics: {
    Namespace: namespace,
    MetricName: name,
    Period: { min: 1 },
    Dimensions: { max: 30 },
  },
  GetMetricData: { MetricDataQueries: { min: 1, max: 500 }, MaxDatapoints: { min: 1, max: 100_800 } },
  PutMetricAlarm: {
    ...{ AlarmName: name, AlarmDescription: { max: 1024 }, AlarmActions: { max: 5 }, OKActions: { max: 5 } },
    ...{ InsufficientDataActions: { max: 5 }, EvaluationPeriods: { min: 1 }, DatapointsToAlarm: { min: 1 } },
    ...{ Namespace: namespace, MetricName: name },
  },
  DescribeAlarms: { AlarmNames: { max: 100 }, MaxRecords: { min: 1, max: 100 } },
  DescribeAlarmHistory: { MaxRecords: { min: 1, max: 100 } },
  SetAlarmState: { AlarmName: name, StateReason: { max: 1023 }, StateReasonData: { max: 4000 } },
  DeleteAlarms: { AlarmNames: { min: 1, max: 100 } },
};

/** CloudWatch's metrics and alarms. The CLI and the SDKs of today speak JSON 1.0 to it. */
export function cloudWatchService(room: AlarmRoom): Service {
  return {
    name: 'monitoring',
    protocol: 'awsJson1_0',
    schemas,
    operations: [
      ...metricOperations(room),
      ...alarmOperations(room),
      ...arnTagOperations(room.records.tagged, 'cloudwatch'),
    ],
    constraints,
  };
}
