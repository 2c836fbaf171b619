// node duckdb.mjs <SQL> <file>: writes what the query finds to a CSV file, on two threads.
import { DuckDBInstance } from '@duckdb/node-api';

const [sql, file] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { threads: '2', preserve_insertion_order: 'false' });
const connection = await instance.connect();
await connection.run(`COPY (${sql}) TO '${file}' (FORMAT csv, HEADER false)`);
