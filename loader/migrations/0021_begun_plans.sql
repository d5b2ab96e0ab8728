-- How often a plan was begun since it last came further: one that ends its replayer each time is not begun for ever.
alter table dlq_plan add column begun int not null default 0;
-- Steps are kept as they were written: jsonb writes numbers anew and refuses some texts.
alter table dlq_plan alter column steps type json using steps::json;
