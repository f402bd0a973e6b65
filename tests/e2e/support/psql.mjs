import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One value of the installation's PostgreSQL, past all our own code.
 *
 * @param {string} stack folder of the installation
 * @param {string} statement gives one row of one column, JSON
 * @param {Record<string, string>} values :'name' in the statement
 */
export function psql(stack, statement, values) {
  const host = /host=([^\s']+)/.exec(readFileSync(join(stack, 'env'), 'utf8'))?.[1] ?? '';
  const given = Object.entries(values).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
  const args = ['-X', '-q', '-At', '-v', 'ON_ERROR_STOP=1', '-h', host, '-U', 'cc_super', '-d', 'chatconnect', ...given];

  return JSON.parse(execFileSync('psql', args, { input: statement, encoding: 'utf8' }));
}
