import type { InventoryFormat } from './inventory.ts';
import { valueAt } from './json-values.ts';
import { everyItem } from './pages.ts';

/** API keys of API Gateway; its access logs name them by id. docs.aws.amazon.com/cli/latest/reference/apigateway/get-api-keys.html */
export const awsApiGatewayKeys: InventoryFormat = {
  name: 'aws-apigateway-keys',
  title: 'AWS API Gateway: `aws apigateway get-api-keys`',
  limits:
    'With --include-values it holds the keys themselves, which are hashed as they are read. Ids of the first years were the keys themselves, and are refused. When one was last used is not told.',
  columns: {
    id: 'id',
    value: 'key',
    name: 'label',
    customerId: 'owner',
    createdDate: 'created',
  },
  json: {
    recognise: (pages) =>
      everyItem(pages, (item) =>
        ['id', 'enabled', 'createdDate', 'stageKeys'].every((name) => valueAt(item, name) !== undefined),
      ),
  },
};
