-- What the schemas of one instance share: who the instance is, and its clock.
CREATE SCHEMA IF NOT EXISTS platform;

CREATE TABLE platform.instance (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    org       text    NOT NULL,
    simulated boolean NOT NULL,
    epoch     integer NOT NULL DEFAULT 1,
    -- A clock that can be moved is decided on at birth, so that it can never be switched on in a living county.
    CONSTRAINT one_instance CHECK (org <> '')
);

CREATE TABLE platform.simulated_clock (
    single  boolean PRIMARY KEY DEFAULT true CHECK (single),
    instant timestamptz NOT NULL
);

CREATE FUNCTION platform.refuse_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coalesce((SELECT simulated FROM platform.instance), false) THEN
        RAISE EXCEPTION 'this instance keeps real time; its clock cannot be moved';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.instant < OLD.instant THEN
        RAISE EXCEPTION 'time does not run backwards';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER real_time BEFORE INSERT OR UPDATE ON platform.simulated_clock
    FOR EACH ROW EXECUTE FUNCTION platform.refuse_clock();

CREATE FUNCTION platform.now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT coalesce((SELECT instant FROM platform.simulated_clock), statement_timestamp()) $$;
