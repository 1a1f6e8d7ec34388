package org.concordat.rules.model.tree;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.concordat.rules.feature.SourceFile;
import org.concordat.schemas.problem.Code;
import org.concordat.schemas.problem.Place;
import org.concordat.schemas.problem.Problem;
import org.concordat.schemas.problem.Problems;

/**
 * Reads a tree ensemble: XGBoost's JSON and UBJ, LightGBM's text and ONNX, told apart by their
 * content. What each format means stands in {@code rules/MODELS.md}.
 */
public final class TreeFile {
  private static final String LIGHTGBM = "tree\n";

  /** Tag of an ONNX file's first field, its version. No text begins so. */
  private static final byte ONNX = 8;

  private TreeFile() {}

  /** What a file says that this release can't do, or that can't be right. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String place;
    private final String message;
    private final String fix;

    /**
     * @param place inside the file, such as {@code trees[3].split_indices}
     */
    RefusedException(String place, String message, String fix) {
      super(message);
      this.place = place;
      this.message = message;
      this.fix = fix;
    }
  }

  /**
   * Reads a model.
   *
   * @return nothing where {@code problems} has grown
   */
  public static Optional<TreeModel> read(SourceFile file, Problems problems) {
    if (!file.isPresent()) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.name())));
      return Optional.empty();
    }
    try {
      if (file.bytes().length > TreeModel.BYTES_MAX) {
        problems.add(
            Code.CDT_220,
            Place.of(file.name()),
            "The model has more than " + TreeModel.BYTES_MAX + " bytes.",
            "Train fewer or smaller trees.");
        return Optional.empty();
      }
      return Optional.of(read(file.bytes()));
    } catch (RefusedException e) {
      problems.add(Code.CDT_218, Place.of(file.name() + ": " + e.place), e.message, e.fix);
    } catch (CharacterCodingException e) {
      problems.add(Problem.of(Code.CDT_101, Place.of(file.name())));
    }
    return Optional.empty();
  }

  private static TreeModel read(byte[] bytes) throws RefusedException, CharacterCodingException {
    if (bytes.length > 0 && bytes[0] == ONNX) {
      return OnnxTrees.read(OnnxFile.read(bytes));
    }
    if (Ubjson.isObject(bytes)) {
      return XgboostJson.read(Ubjson.read(bytes));
    }
    String text =
        StandardCharsets.UTF_8
            .newDecoder()
            .decode(ByteBuffer.wrap(bytes))
            .toString()
            .replace("\r\n", "\n");
    return text.startsWith(LIGHTGBM) ? LightGbmText.read(text) : XgboostJson.read(text);
  }

  static RefusedException malformed(String place, String message) {
    return new RefusedException(place, message, Code.CDT_218.fix());
  }
}
