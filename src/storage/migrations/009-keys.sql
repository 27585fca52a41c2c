-- API keys. A key is `ventral_ID_SECRET`; of the secret (256 random bits) only its sha256 is here. Rows stay when a key ends.
CREATE TABLE keys (
  id text PRIMARY KEY,
  seq bigserial UNIQUE,
  name text NOT NULL,
  owner text NOT NULL,
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'predict', 'write', 'admin']),
  secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  replaced_by text REFERENCES keys (id)
);
