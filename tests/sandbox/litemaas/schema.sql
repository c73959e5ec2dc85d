-- The 17 tables of LiteMaaS backend 0.4.0, with the columns that the imitation uses. Run at every start.
CREATE TABLE IF NOT EXISTS users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    username varchar(255) UNIQUE NOT NULL,
    email varchar(255) UNIQUE NOT NULL,
    full_name varchar(255),
    oauth_provider varchar(50) NOT NULL,
    oauth_id varchar(255) NOT NULL,
    roles text[] DEFAULT ARRAY['user'],
    is_active boolean DEFAULT true,
    last_login_at timestamptz,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE IF NOT EXISTS teams (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(255) NOT NULL,
    alias varchar(255),
    max_budget numeric(10, 2)
);
CREATE TABLE IF NOT EXISTS team_members (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    team_id uuid NOT NULL REFERENCES teams ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role varchar(20) NOT NULL,
    UNIQUE (team_id, user_id)
);
CREATE TABLE IF NOT EXISTS models (
    id varchar(255) PRIMARY KEY,
    name varchar(255) NOT NULL,
    provider varchar(100) NOT NULL,
    availability varchar(50) DEFAULT 'available',
    api_base varchar(500),
    max_tokens integer,
    litellm_model_id varchar(255),
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
CREATE TABLE IF NOT EXISTS subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    model_id varchar(255) NOT NULL REFERENCES models,
    status varchar(20) NOT NULL DEFAULT 'active',
    status_reason text,
    created_at timestamptz DEFAULT now(),
    UNIQUE (user_id, model_id)
);
CREATE TABLE IF NOT EXISTS api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name varchar(255),
    key_hash varchar(255) UNIQUE NOT NULL,
    key_prefix varchar(20) NOT NULL,
    lite_llm_key_value varchar(255),
    litellm_key_alias varchar(255),
    max_budget numeric(10, 2),
    tpm_limit integer,
    rpm_limit integer,
    is_active boolean DEFAULT true,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE IF NOT EXISTS api_key_models (
    api_key_id uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    model_id varchar(255) NOT NULL REFERENCES models ON DELETE CASCADE,
    PRIMARY KEY (api_key_id, model_id)
);
CREATE TABLE IF NOT EXISTS audit_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid REFERENCES users,
    action varchar(100) NOT NULL,
    resource_type varchar(50) NOT NULL,
    resource_id varchar(255),
    created_at timestamptz DEFAULT now()
);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    token varchar(255) UNIQUE NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS oauth_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    state varchar(255) UNIQUE NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS banner_announcements (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL,
    content jsonb NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS user_banner_dismissals (
    user_id uuid REFERENCES users ON DELETE CASCADE,
    banner_id uuid REFERENCES banner_announcements ON DELETE CASCADE,
    PRIMARY KEY (user_id, banner_id)
);
CREATE TABLE IF NOT EXISTS banner_audit_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    banner_id uuid REFERENCES banner_announcements ON DELETE CASCADE,
    action varchar(20) NOT NULL
);
CREATE TABLE IF NOT EXISTS subscription_status_history (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    subscription_id uuid NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    old_status varchar(20),
    new_status varchar(20) NOT NULL,
    reason text,
    changed_at timestamptz DEFAULT now()
);
CREATE TABLE IF NOT EXISTS daily_usage_cache (
    date date PRIMARY KEY,
    raw_data jsonb NOT NULL
);
CREATE TABLE IF NOT EXISTS branding_settings (
    id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1)
);
CREATE TABLE IF NOT EXISTS system_settings (
    key varchar(100) PRIMARY KEY,
    value jsonb NOT NULL DEFAULT '{}'
);
INSERT INTO users (id, username, email, oauth_provider, oauth_id, is_active, roles)
    VALUES ('00000000-0000-0000-0000-000000000001', 'system', 'system@litemaas.internal', 'system', 'system', false, '{}')
    ON CONFLICT DO NOTHING;
INSERT INTO teams (id, name, alias, max_budget)
    VALUES ('a0000000-0000-4000-8000-000000000001', 'Default Team', 'default-team', 10000) ON CONFLICT DO NOTHING;
INSERT INTO branding_settings DEFAULT VALUES ON CONFLICT DO NOTHING;
