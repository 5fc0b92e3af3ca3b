export const postgresqlMissing: string | null
export function startPostgresql(): Promise<{ readonly port: number; stop(): Promise<void> }>
export function runPostgresql(
  name: 'psql' | 'pgbench',
  port: number,
  args: readonly string[],
  input?: string,
): Promise<string>
