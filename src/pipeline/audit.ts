import type { AuditEntry } from '../domain/access.ts'
import type { Page } from '../storage/page.ts'
import { addAuditEntry, listAuditEntries } from '../storage/repositories/audit.ts'
import type { AuditQuery } from '../storage/repositories/audit.ts'
import type { PipelineContext } from './context.ts'

type Stores = Pick<PipelineContext, 'db'>

/** Keeps what somebody did. */
export const audit = ({ db }: Stores, entry: Omit<AuditEntry, 'at'>): Promise<void> => addAuditEntry(db, entry)

/** The audit log, newest first. */
export const listAudit = ({ db }: Stores, query: AuditQuery): Promise<Page<AuditEntry>> => listAuditEntries(db, query)
