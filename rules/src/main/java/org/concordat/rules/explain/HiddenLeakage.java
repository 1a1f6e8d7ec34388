package org.concordat.rules.explain;

import java.util.List;
import java.util.stream.Collectors;
import org.concordat.rules.link.LinkSpec;
import org.concordat.rules.link.LinkSpec.EntityField;
import org.concordat.rules.link.LinkSpec.Hidden;

/** Who learns what from windows of entities that are hidden among others. */
final class HiddenLeakage {
  private final LinkSpec spec;
  private final Hidden hidden;

  HiddenLeakage(LinkSpec spec, Hidden hidden) {
    this.spec = spec;
    this.hidden = hidden;
  }

  private String names() {
    return spec.entities().stream()
        .map(EntityField::name)
        .map(name -> "'" + name + "'")
        .collect(Collectors.joining(", "));
  }

  List<String> aggregator() {
    return List.of(
        "Linkage: "
            + spec.linkageBits()
            + " bits. For each record a bucket of "
            + names()
            + ", which about "
            + hidden.expected()
            + " of "
            + hidden.activeEntities()
            + " active entities have in common, if there are as many; equal entities of one kind"
            + " have equal ones until the epoch ends. The buckets of one record are "
            + bits()
            + " bits together. So, per epoch and bucket: the number of its"
            + " records, the minute, the submitting bank and the role of each, and the other"
            + " buckets in them.",
        "What repeats: records whose buckets are all the same, or one bucket's at the same bank or"
            + " hour, share their entities more often than others do, and a bucket with more"
            + " records than others has a busy entity in it.",
        "Which records are compared with which: those of one bucket that a window covers by their"
            + " minutes. Not which of them share an entity, and no number of a window beyond a"
            + " bound: counts and banks are at most the bucket's records in it, and nothing where"
            + " it has none.",
        "No name behind a bucket, and no value: a new epoch draws a new key, and what was"
            + " remembered is forgotten.",
        "Which records are versions of one transaction of a bank.");
  }

  /**
   * @param kinds of entities, in words
   */
  List<String> colluding(String kinds) {
    return List.of(
        "The bucket of every "
            + kinds
            + " that the bank has payments of, or names in a payment to find it out: with it, for"
            + " the epoch, which records may be that entity's. Each is it with a chance of one in"
            + " about "
            + hidden.expected()
            + ", and a greater one the busier the entity is, or the better the record's bank, hour"
            + " and other buckets fit.",
        "No value of another bank's payments.");
  }

  List<String> limits() {
    return List.of(
        "If fewer entities are active than declared, a bucket has fewer: 'activeEntities' is a"
            + " promise that nobody checks.",
        hidden.sharedBy() == spec.entities().size() ? together() : apart(),
        "Several records tell more than one: those of one bank, hour or amount of traffic whose"
            + " buckets are the same, or go on being the same, are the likelier of one entity the"
            + " fewer others fit.",
        "Each attempt at an epoch's first batch draws a key of its own. Where one is given up, the"
            + " buckets of its records, and of those of batches computed ahead of it, are opened"
            + " under both keys, which together single out fewer than those of one.",
        "A bank that names one entity in many payments makes its bucket long, and all that share"
            + " it cost more time: by as many records as a bank may have remembered, "
            + spec.entitiesPerBank()
            + ". A batch of several blocks that has more than "
            + Hidden.BATCH_PAIRS_MAX
            + " pairs to compare is cut smaller; a single block is compared however long that"
            + " takes.");
  }

  /** That a record opens. */
  private int bits() {
    return spec.entities().size() * spec.linkageBits();
  }

  private String together() {
    return "A record's entities are hidden together: where they belong together, as an account and"
        + " its device, or the two sides of a standing order, about "
        + (hidden.activeEntities() >> bits())
        + " of "
        + hidden.activeEntities()
        + " such groups have all buckets in common. If there are fewer groups than active"
        + " entities, fewer.";
  }

  private String apart() {
    return "A record's entities are hidden by themselves and not together ('jointly: false'). Where"
        + " they belong together, as an account and its device, or the two sides of a standing"
        + " order, their buckets together single out far fewer than "
        + hidden.among()
        + ": of "
        + hidden.activeEntities()
        + " such groups "
        + (hidden.activeEntities() >> Math.min(bits(), Integer.SIZE - 1) == 0
            ? "mostly one alone."
            : "about " + (hidden.activeEntities() >> bits()) + ".");
  }
}
