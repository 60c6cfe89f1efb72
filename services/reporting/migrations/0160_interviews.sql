-- depends: 0170_charge
-- Person-times called in are counted from the archive, so that a figure of them costs what its period costs.
CREATE INDEX received_interviews ON received (occurred_at) WHERE name = 'interview.held';
