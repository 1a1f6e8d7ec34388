package org.concordat.rules.entity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.concordat.schemas.problem.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Equal identifiers are equal texts, and what can't be one is refused without saying what. */
class EntityKindTest {
  private static String normalised(EntityKind kind, String text) throws Exception {
    return kind.normalised(List.of(text), "");
  }

  private static void refuses(EntityKind kind, String text, Code code) {
    var refused =
        catchThrowableOfType(
            RefusedIdentifierException.class, () -> kind.normalised(List.of(text), ""));
    assertThat(refused).as(text).isNotNull();
    assertThat(refused.code()).as(text).isEqualTo(code);
    if (!text.isBlank()) {
      assertThat(refused.toString()).doesNotContain(text);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DE89370400440532013000, DE89370400440532013000",
    "' de89 3704 0044 0532 0130 00 ', DE89370400440532013000",
    "GB82 WEST 1234 5698 7654 32, GB82WEST12345698765432",
    "NO93 8601 1117 947, NO9386011117947",
    "12-34.56/789, 123456789",
    "0001234, 0001234",
    "ab12, AB12",
    "XX00123, XX00123"
  })
  void accountsAreWrittenInOneWay(String text, String expected) throws Exception {
    assertThat(normalised(EntityKind.ACCOUNT, text)).isEqualTo(expected);
  }

  @Test
  void accountsWithAWrongDigitAreRefused() {
    refuses(EntityKind.ACCOUNT, "DE88370400440532013000", Code.CDT_340);
    refuses(EntityKind.ACCOUNT, "DE8937040044053201300", Code.CDT_340);
    refuses(EntityKind.ACCOUNT, "FR7630006000011234567890188", Code.CDT_340);
    refuses(EntityKind.ACCOUNT, "12_34", Code.CDT_339);
    refuses(EntityKind.ACCOUNT, "--", Code.CDT_339);
    refuses(EntityKind.ACCOUNT, "1".repeat(35), Code.CDT_339);
    refuses(EntityKind.ACCOUNT, "ÄÖ12", Code.CDT_339);
  }

  @ParameterizedTest
  @CsvSource({
    "4111 1111 1111 1111, 4111111111111111",
    "5500-0055-5555-5559, 5500005555555559",
    "378282246310005, 378282246310005"
  })
  void cardsAreDigits(String text, String expected) throws Exception {
    assertThat(normalised(EntityKind.CARD, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4111111111111112", "41111111111", "41111111111111111111", "4111x", ""})
  void cardsWithAWrongDigitAreRefused(String text) {
    refuses(EntityKind.CARD, text, Code.CDT_341);
  }

  @ParameterizedTest
  @CsvSource({
    "+49 30 901820, '', +4930901820",
    "030 901820, DE, +4930901820",
    "+49 (0)30 901820, FR, +4930901820",
    "(212) 736-5000, US, +12127365000"
  })
  void phonesAreE164(String text, String region, String expected) throws Exception {
    assertThat(EntityKind.PHONE.normalised(List.of(text), region)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"030 901820", "+49", "+49 30 901820 ext. 7", "call me", "+999 12345678"})
  void phonesWithoutACountryAreRefused(String text) {
    refuses(EntityKind.PHONE, text, Code.CDT_342);
  }

  @ParameterizedTest
  @CsvSource({
    "Jane.Doe@Example.COM, jane.doe@example.com",
    "' a@b.de ', a@b.de",
    "info@bücher.example, info@xn--bcher-kva.example",
    "info@BÜCHER.example, info@xn--bcher-kva.example",
    "o'hara+tag@mail.example.org, o'hara+tag@mail.example.org"
  })
  void mailAddressesAreLowerCaseAndAscii(String text, String expected) throws Exception {
    assertThat(normalised(EntityKind.EMAIL, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "jane", "@b.de", "a@", "a@localhost", "a b@c.de", "a@b..de", "a@-b.de"})
  void mailAddressesWithoutADomainAreRefused(String text) {
    refuses(EntityKind.EMAIL, text, Code.CDT_343);
    refuses(EntityKind.EMAIL, "x".repeat(65) + "@b.de", Code.CDT_343);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "::ffff:192.0.2.7, 192.0.2.7",
    "2001:DB8::1, 2001:db8:0:0:0:0:0:1",
    "2001:0db8:0:0::0001, 2001:db8:0:0:0:0:0:1"
  })
  void addressesAreCanonical(String text, String expected) throws Exception {
    assertThat(normalised(EntityKind.ADDRESS, text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1.2.3",
        "256.0.0.1",
        "01.2.3.4",
        "localhost",
        "fe80::1%eth0",
        "[::1]",
        "1::2::3"
      })
  void namesAndPartsOfAddressesAreRefused(String text) {
    refuses(EntityKind.ADDRESS, text, Code.CDT_344);
  }

  @Test
  void referencesKeepTheirCase() throws Exception {
    assertThat(normalised(EntityKind.DEVICE, " aB-1 ")).isEqualTo("aB-1");
    // é as one character and as two.
    assertThat(normalised(EntityKind.DEVICE, "e\u0301"))
        .isEqualTo(normalised(EntityKind.DEVICE, "\u00e9"));
    refuses(EntityKind.DEVICE, " ", Code.CDT_345);
    refuses(EntityKind.DEVICE, "a\u0007b", Code.CDT_345);
    assertThat(normalised(EntityKind.DEVICE, "d".repeat(256))).hasSize(256);
    refuses(EntityKind.DEVICE, "d".repeat(257), Code.CDT_345);
  }

  @Test
  void paymentsAreNamedByTheirUetrInLowerCase() throws Exception {
    String uetr = "EB6305C9-1F7F-49DE-AED0-16487C27B42D";
    assertThat(normalised(EntityKind.PAYMENT, uetr)).isEqualTo(uetr.toLowerCase());
    assertThat(normalised(EntityKind.PAYMENT, "Ref-7")).isEqualTo("Ref-7");
  }

  @Test
  void partsAreKeptApart() throws Exception {
    assertThat(EntityKind.ACCOUNT.normalised(List.of("20-00", "123"), ""))
        .isEqualTo("2000/123")
        .isNotEqualTo(EntityKind.ACCOUNT.normalised(List.of("20", "00123"), ""));
    assertThat(EntityKind.PAYMENT.normalised(List.of("a/b", "c"), ""))
        .isNotEqualTo(EntityKind.PAYMENT.normalised(List.of("a", "b/c"), ""));
  }

  @Test
  void theHashIsTheOneThatIsDocumented() throws Exception {
    byte[] salt = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    sha.update("concordat-entity\0".getBytes(StandardCharsets.UTF_8));
    sha.update(salt);
    sha.update("account\0".getBytes(StandardCharsets.UTF_8));
    byte[] expected = sha.digest("DE89370400440532013000".getBytes(StandardCharsets.UTF_8));
    long[] words = new long[3];
    new EntityHash(salt, EntityKind.ACCOUNT).put("DE89370400440532013000", words, 1);
    byte[] actual = new byte[16];
    for (int i = 0; i < 16; i++) {
      actual[i] = (byte) (words[1 + i / 8] >>> 8 * (i % 8));
    }
    assertThat(actual).isEqualTo(Arrays.copyOf(expected, 16));
    assertThat(words[0]).isZero();
  }

  @Test
  void kindsAndSaltsKeepEqualTextsApart() throws Exception {
    byte[] salt = new byte[16];
    byte[] other = salt.clone();
    other[15] = 1;
    long[] words = new long[6];
    new EntityHash(salt, EntityKind.DEVICE).put("x", words, 0);
    new EntityHash(salt, EntityKind.PAYMENT).put("x", words, 2);
    new EntityHash(other, EntityKind.DEVICE).put("x", words, 4);
    assertThat(Arrays.stream(words).distinct().count()).isEqualTo(6);
  }
}
