package com.sitq.client;

/**
 * Finds out whether calls are refused for their headers: a server refuses headers that are far too large, as those of a token can be, in
 * the same words as a call beyond those that the connection may have, which has room after some milliseconds.
 */
final class HeadersJudge {
  /** How often in a row a connection may have no room for a call before its headers are what has no room. */
  private static final int MOST_WITHOUT_ROOM = 5;

  private int inRow;

  /** Takes the failure of each try, and reports whether further ones are in vain. */
  boolean isInVain(SitqException failure) {
    inRow = failure.hadNoRoom ? inRow + 1 : 0;
    return failure.hasLargeHeaders || failure.is(Reason.HEADERS_TOO_LARGE) || inRow >= MOST_WITHOUT_ROOM;
  }
}
