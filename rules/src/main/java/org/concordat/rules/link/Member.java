package org.concordat.rules.link;

/**
 * An earlier record that is part of a path, as its aggregators know it.
 *
 * @param place among all records that were ever derived, from 0
 * @param bank index of the bank that submitted it
 * @param idHigh first half of its transaction id
 * @param idLow second half
 * @param alertable whether its bank may be told: it wasn't history, and its bank is a member
 */
public record Member(long place, int bank, long idHigh, long idLow, boolean alertable)
    implements Comparable<Member> {
  @Override
  public int compareTo(Member other) {
    return Long.compare(place, other.place);
  }

  @Override
  public String toString() {
    return "Member[place=" + place + "]";
  }
}
