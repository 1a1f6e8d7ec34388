package org.concordat.it;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.concordat.schemas.identity.SigningKey;
import org.concordat.schemas.record.Block;
import org.concordat.schemas.record.BlockCore;
import org.concordat.schemas.record.BlockHeader;
import org.concordat.schemas.record.Digest;
import org.concordat.schemas.record.RecordCodec;
import org.concordat.schemas.record.Signature;
import org.concordat.schemas.seal.Signed;

/** Changes sealed blocks, with or without the bank's signature on the change. */
final class Tampering {
  private Tampering() {}

  interface Bytes {
    byte[] apply(byte[] bytes);
  }

  interface Ciphertext {
    byte[] apply(ByteBuffer ciphertext);
  }

  /** Other content of the core under a new signature of the bank's. */
  static byte[] resigned(Block block, SigningKey signingKey, Consumer<BlockCore.Builder> change) {
    return RecordCodec.encode(
        reheaded(List.of(block), signingKey, change, PlayedBank::bytes).getFirst());
  }

  /** Copies under a header that the bank signed, and that names their ciphertexts. */
  static List<Block> reheaded(
      List<Block> blocks,
      SigningKey signingKey,
      Consumer<BlockCore.Builder> change,
      Ciphertext ciphertext) {
    BlockHeader header = blocks.getFirst().getHeader();
    BlockCore.Builder core =
        BlockCore.newBuilder(
            RecordCodec.decode(BlockCore.class, PlayedBank.bytes(header.getCore())));
    change.accept(core);
    List<Block> changed =
        blocks.stream()
            .map(
                b ->
                    Block.newBuilder(b)
                        .setCiphertext(ByteBuffer.wrap(ciphertext.apply(b.getCiphertext())))
                        .build())
            .toList();
    List<Digest> digests = new ArrayList<>(header.getCiphertexts());
    for (Block block : changed) {
      digests.set(block.getAggregatorIndex(), sha256(PlayedBank.bytes(block.getCiphertext())));
    }
    BlockHeader signed =
        Signed.sign(
            new BlockHeader(
                ByteBuffer.wrap(RecordCodec.encode(core.build())),
                digests,
                new Signature(new byte[64])),
            signingKey);
    return changed.stream().map(b -> Block.newBuilder(b).setHeader(signed).build()).toList();
  }

  static List<Block> withCiphertexts(List<Block> blocks, Bytes change) {
    return blocks.stream()
        .map(
            b ->
                Block.newBuilder(b)
                    .setCiphertext(
                        ByteBuffer.wrap(change.apply(PlayedBank.bytes(b.getCiphertext()))))
                    .build())
        .toList();
  }

  static byte[] flipped(byte[] bytes) {
    bytes[bytes.length / 2] ^= 0x10;
    return bytes;
  }

  private static Digest sha256(byte[] bytes) {
    try {
      return new Digest(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /** The same block under somebody else's signature. */
  static byte[] signed(Block block, SigningKey signingKey) {
    return RecordCodec.encode(
        Block.newBuilder(block).setHeader(Signed.sign(block.getHeader(), signingKey)).build());
  }

  static byte[] withFlippedSignature(Block block) {
    byte[] signature = flipped(block.getHeader().getSignature().bytes().clone());
    BlockHeader header =
        BlockHeader.newBuilder(block.getHeader()).setSignature(new Signature(signature)).build();
    return RecordCodec.encode(Block.newBuilder(block).setHeader(header).build());
  }
}
