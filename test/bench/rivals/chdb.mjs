// node chdb.mjs <SQL> <file>: writes what the query finds to a CSV file, on two threads.
import { query } from 'chdb';

const [sql, file] = process.argv.slice(2);
query(
  `INSERT INTO FUNCTION file('${file}', CSV) SELECT * FROM (${sql}) SETTINGS max_threads = 2, max_parsing_threads = 2`,
);
