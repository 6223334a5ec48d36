// The log as /api/v1 gives it (bot/reporting/log_items.cpp, log_detail.cpp).

export type Verdict = 'right' | 'should_answer' | 'should_dispatch' | 'bad_result';

export interface List<T> {
  items: T[];
  next: string | null;
}

export interface Item {
  id: number;
  at: string;
  chat: string;
  chat_name: string | null;
  person: string;
  name: string;
  text: string;
  summary?: string;
  action: string;
  p: number | null;
  ask_at: number;
  dispatch_at: number;
  ask_at_from: string | null;
  dispatch_at_from: string | null;
  cause: string;
  rule: string | null;
  reason: string;
  outcome: string;
  outcome_cause?: string | null;
  project: string | null;
  dispatch: string | null;
  usd: number | null;
  verdict: string | null;
}

export interface ReviewItem extends Item {
  why: string[];
}

export interface Review extends List<ReviewItem> {
  total: number;
  judged: number;
  remaining: number;
}

export interface Step {
  at: string;
  kind: string;
  title: string;
  detail: string;
  tool: string | null;
  path: string | null;
  diff: string | null;
  ok: boolean | null;
  by: string | null;
  known?: string | null;
  ms?: number | null;
}

/** A call of a tool of the secretary's own. */
export interface ToolCall {
  id: number;
  server: string;
  tool: string;
  asked: boolean;
  state: string;
  arguments: string;
  result: string;
  made: string;
  expires: string | null;
  ms: number | null;
  by: string | null;
  comment: string;
  effect: string;
}

export interface ApprovalOf {
  at: string;
  settled_at?: string | null;
  kind: string;
  tool: string;
  detail: string;
  state: string;
  by: string | null;
  comment: string;
  /** The command that was allowed and ran in place of the one in `detail`. */
  allowed_instead: string | null;
  /** `detail` as safe HTML. */
  detail_html: string;
}

export interface Approval extends ApprovalOf {
  decision: number | null;
  dispatch: string | null;
  settled?: string | null;
  outcome?: string | null;
}

export interface Delivery {
  at: string;
  settled_at?: string | null;
  kind: string;
  id: string;
  state: string;
  error: string;
}

export interface Cost {
  purpose: string;
  model: string;
  usd: number | null;
  input_tokens: number;
  cached_tokens: number;
  output_tokens: number;
}

export interface GivenVerdict {
  at: string;
  verdict: string;
  by: string | null;
  source: string;
  note: string;
}

export interface FileChange {
  path: string;
  change: string;
  bytes: number | null;
}

export interface DispatchDetail {
  id: string;
  project: string;
  specialist: string;
  mode: string;
  state: string;
  outcome: string | null;
  outcome_cause: string | null;
  queued?: string | null;
  started: string | null;
  ended: string | null;
  session: string | null;
  turns: number | null;
  usd: number | null;
  files: FileChange[];
}

export interface Score {
  p: number | null;
  ask_at: number;
  dispatch_at: number;
  ask_at_from: string | null;
  dispatch_at_from: string | null;
  calibration: string | null;
  features: { name: string; weight: number; part: number }[];
}

export interface Detail extends Item {
  message: string;
  proposal: Record<string, unknown> | null;
  /** The secretary's model, or a person by a command or a button. */
  proposed_by: 'secretary' | 'person' | null;
  signals: Record<string, unknown> | null;
  score: Score | null;
  task: string | null;
  timeline: Step[];
  approvals: ApprovalOf[];
  tools?: ToolCall[];
  result: string | null;
  posted?: string | null;
  /** The same as safe HTML; empty where there is nothing. */
  result_html: string;
  posted_html: string;
  deliveries: Delivery[];
  cost: Cost[];
  verdicts: GivenVerdict[];
  dispatch_detail: DispatchDetail | null;
  confirmed_by: { decision: number; person: string; name: string; at: string } | null;
  known: { recorded: string[]; inferred: string[]; unknown: string[] };
}
