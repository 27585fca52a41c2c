-- Who did what, when, to which resource, and how it ended. Rows are added and never changed; no bodies, queries or secrets.
CREATE TABLE audit (
  seq bigserial PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  -- null: nobody who is known
  owner text,
  -- id of the key; null without one, and of VENTRAL_API_KEY
  key text,
  address text NOT NULL,
  -- method and pattern of the route
  action text NOT NULL,
  -- path of what it was about, or of what it made
  resource text NOT NULL,
  status integer NOT NULL,
  -- of the problem, where it was refused
  code text,
  request text NOT NULL
);
CREATE INDEX audit_owner ON audit (owner, seq);
CREATE INDEX audit_key ON audit (key, seq) WHERE key IS NOT NULL;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
