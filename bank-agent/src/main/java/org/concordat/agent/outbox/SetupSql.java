package org.concordat.agent.outbox;

import org.concordat.agent.config.AgentConfig;

/** What the bank's database administrator runs. The agent itself changes nothing. */
public final class SetupSql {
  private final AgentConfig.Outbox config;

  public SetupSql(AgentConfig.Outbox config) {
    this.config = config;
  }

  /** Everything, for a server that has none of it. */
  public String all() {
    return """
    -- Run it once, by whoever may make tables and roles, in the database %s.
    -- The server's wal_level has to be 'logical':
    --   %s
    %s
    %s
    create role %s login replication;
    grant connect on database %s to %s;
    -- From here on the server keeps its log until the agent has read it.
    %s
    """
        .formatted(
            config.server().database(),
            walLevel(),
            table(),
            publication(),
            config.server().user(),
            config.server().database(),
            config.server().user(),
            slot());
  }

  private String name() {
    return config.schema() + "." + config.table();
  }

  String walLevel() {
    return "alter system set wal_level = 'logical';  -- and restart the server";
  }

  String replication() {
    return "alter role " + config.server().user() + " replication;";
  }

  String table() {
    return """
    create table %s (
      id bigint generated always as identity primary key,
      created_at timestamptz not null default now(),
      payload jsonb not null check (octet_length(payload::text) <= 65536)
    );\
    """
        .formatted(name());
  }

  String publication() {
    return "create publication %s for table %s with (publish = 'insert');"
        .formatted(config.publication(), name());
  }

  String publishInserts() {
    return "alter publication " + config.publication() + " set (publish = 'insert');";
  }

  String addTable() {
    return "alter publication " + config.publication() + " add table " + name() + ";";
  }

  String slot() {
    return "select pg_create_logical_replication_slot('" + config.slot() + "', 'pgoutput');";
  }
}
