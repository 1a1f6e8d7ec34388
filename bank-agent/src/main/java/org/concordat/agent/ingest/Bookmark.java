package org.concordat.agent.ingest;

import java.util.function.Consumer;
import org.concordat.agent.store.StoreGroup;

/**
 * What becomes durable together with a record, such as how far its source has been read. Of several
 * with one name that become durable together the last holds.
 *
 * @param change is asked for when the record is stored, on another thread
 */
public record Bookmark(String name, Consumer<StoreGroup> change) {}
