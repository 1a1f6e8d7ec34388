package org.concordat.agent.api;

import java.util.Set;

/**
 * Who calls.
 *
 * @param name as in the token file; for logs and audit
 */
public record Caller(String name, Set<Role> roles) {
  public boolean isAny(Set<Role> allowed) {
    return roles.stream().anyMatch(allowed::contains);
  }
}
