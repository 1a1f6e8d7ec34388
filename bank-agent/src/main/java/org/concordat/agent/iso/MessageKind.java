package org.concordat.agent.iso;

import java.util.Map;
import java.util.Set;
import org.concordat.agent.store.Notice;

/** The messages that are read, and where in each stands what. */
enum MessageKind {
  /** Credit transfers: pacs.008. */
  TRANSFER("CdtTrfTxInf", Set.of("GrpHdr"), Transfer.PATHS) {
    @Override
    Transaction transaction(Map<String, String> header) {
      return new Transfer(header);
    }
  },
  /** Payments that came back: pacs.004. */
  RETURN("TxInf", Set.of("GrpHdr", "OrgnlGrpInf"), LaterNotice.PATHS) {
    @Override
    Transaction transaction(Map<String, String> header) {
      return new LaterNotice(Notice.Kind.RETURN, header);
    }
  },
  /** Requests to cancel payments: camt.056. */
  RECALL("TxInf", Set.of("Assgnmt", "CtrlData"), LaterNotice.PATHS) {
    @Override
    Transaction transaction(Map<String, String> header) {
      return new LaterNotice(Notice.Kind.RECALL, header);
    }
  };

  /** An element around transactions that is looked through. */
  static final String AROUND = "Undrlyg";

  /** The element of a transaction. */
  final String element;

  /** The elements whose content holds for all transactions. */
  final Set<String> headers;

  /** Every path that is kept. */
  final Set<String> paths;

  MessageKind(String element, Set<String> headers, Set<String> paths) {
    this.element = element;
    this.headers = headers;
    this.paths = paths;
  }

  /** An empty one. */
  abstract Transaction transaction(Map<String, String> header);
}
