package org.concordat.agent.encode;

import org.concordat.schemas.share.ShareLayout;

/**
 * What every block of this agent says of its content.
 *
 * @param contractHash 32 bytes
 */
public record BlockFormat(
    String contract, int contractVersion, byte[] contractHash, ShareLayout layout) {}
