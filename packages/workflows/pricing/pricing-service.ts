import * as schemas from '@aws-sdk/client-pricing';
import type {
  AttributeValue,
  DescribeServicesRequest,
  DescribeServicesResponse,
  Filter,
  GetAttributeValuesRequest,
  GetAttributeValuesResponse,
  GetProductsRequest,
  GetProductsResponse,
} from '@aws-sdk/client-pricing';
import { defineOperation, type OperationContext, type PageTokens, type Service } from '@helicase/wire';
import { errors } from './errors.ts';
import { type Prices, type Product, products } from './prices.ts';

export interface PricingOptions {
  readonly prices: Prices;
  readonly regions: readonly string[];
  readonly pageTokens: PageTokens;
}

const SERVICE = 'AmazonOmics';
const FORMAT = 'aws_v1';
const PAGE = 100;
/** From when a price holds: there is one table, and it holds since ever. */
const EFFECTIVE = '1970-01-01T00:00:00Z';

/** The Price List Query API over the operator's prices: what the run analyzer asks for costs. */
export function pricingService(options: PricingOptions): Service {
  const list = products(options.prices, options.regions);
  const entry = <Input, Output>(name: string, answer: (input: Input, context: OperationContext) => Output) =>
    defineOperation<Input, Output>({
      ...{ name, action: `pricing:${name}`, resources: () => ['*'], readOnly: true, quota: 'pricing' },
      handler: async (input, context) => answer(input, context),
    });
  return {
    name: 'pricing',
    protocol: 'awsJson1_1',
    schemas,
    // One endpoint for all regions: its clients sign for us-east-1.
    global: true,
    operations: [
      entry<DescribeServicesRequest, DescribeServicesResponse>('DescribeServices', ({ ServiceCode }) => {
        if (ServiceCode !== undefined) requireService(ServiceCode);
        return {
          FormatVersion: FORMAT,
          Services: [{ ServiceCode: SERVICE, AttributeNames: attributes(list) }],
        };
      }),
      entry<GetAttributeValuesRequest, GetAttributeValuesResponse>('GetAttributeValues', (input) => {
        requireService(input.ServiceCode);
        return { AttributeValues: valuesOf(list, input.AttributeName!) };
      }),
      entry<GetProductsRequest, GetProductsResponse>('GetProducts', (input, context) =>
        getProducts(options, list, input, context),
      ),
    ],
  };
}

function requireService(code: string | undefined): void {
  if (code !== SERVICE) throw errors.unknownService({ code: code ?? '' });
}

function attributes(list: readonly Product[]): string[] {
  return [...new Set(list.flatMap((product) => Object.keys(product.attributes)))].toSorted();
}

function valuesOf(list: readonly Product[], name: string): AttributeValue[] {
  const values = new Set(
    list.map((product) => product.attributes[name]).filter((value) => value !== undefined),
  );
  return [...values].toSorted().map((Value) => ({ Value }));
}

function getProducts(
  { pageTokens, prices }: PricingOptions,
  list: readonly Product[],
  { Filters: filters = [], MaxResults = PAGE, NextToken, ServiceCode }: GetProductsRequest,
  { scope }: OperationContext,
): GetProductsResponse {
  requireService(ServiceCode);
  const matching = list.filter((product) => filters.every((filter) => matches(product, filter)));
  const binding = { scope, operation: 'GetProducts', filter: filters };
  const [start = 0] = NextToken === undefined ? [] : pageTokens.read(binding, NextToken);
  const end = Number(start) + Math.min(MaxResults, PAGE);
  return {
    FormatVersion: FORMAT,
    PriceList: matching
      .slice(Number(start), end)
      .map((product) => JSON.stringify(priceListItem(product, prices.currency ?? 'USD'))),
    ...(end < matching.length ? { NextToken: pageTokens.issue(binding, [end]) } : {}),
  };
}

function matches({ attributes: has, family }: Product, { Field, Type, Value }: Filter): boolean {
  const value = Field === 'productFamily' ? family : has[Field!];
  const values = Value!.split(',').map((each) => each.trim());
  switch (Type) {
    case 'TERM_MATCH':
    case 'EQUALS':
      return value === Value;
    case 'CONTAINS':
      return value?.includes(Value!) ?? false;
    case 'ANY_OF':
      return value !== undefined && values.includes(value);
    case 'NONE_OF':
      return value === undefined || !values.includes(value);
    default:
      throw errors.filterUnknown({ type: String(Type) });
  }
}

/** As the price list file of the service has an entry. */
function priceListItem(
  { attributes: has, family, pricePerUnit, sku, unit }: Product,
  currency: string,
): object {
  const term = `${sku}.ONDEMAND`;
  const dimension = {
    rateCode: `${term}.HOUR`,
    unit,
    description: `${pricePerUnit} ${currency} per ${unit === 'Hours' ? 'hour' : 'GiB-hour'} of ${has['resourceType']}`,
    ...{ beginRange: '0', endRange: 'Inf', appliesTo: [] },
    pricePerUnit: { [currency]: pricePerUnit.toFixed(10) },
  };
  const onDemand = {
    ...{ sku, offerTermCode: 'ONDEMAND', effectiveDate: EFFECTIVE, termAttributes: {} },
    priceDimensions: { [dimension.rateCode]: dimension },
  };
  return {
    product: { productFamily: family, attributes: has, sku },
    serviceCode: SERVICE,
    terms: { OnDemand: { [term]: onDemand } },
    version: '1',
    publicationDate: EFFECTIVE,
  };
}
