package org.concordat.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.OutputStream;
import java.security.KeyStore;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Holds the walls between the modules; each rule says why it stands. */
class LayersTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          // Test jars of other modules, once they are packaged.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("org.concordat");

  @Test
  void agentAndAggregatorDontKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage("org.concordat.agent..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.concordat.aggregator..", "org.concordat.ops..")
        .because("a bank's process must not hold code that computes on shares")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("org.concordat.aggregator..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.concordat.agent..", "org.concordat.ops..")
        .because("an aggregator must not hold code that reads plaintext")
        .check(CLASSES);
  }

  @Test
  void noKeyStoreIsWritten() {
    noClasses()
        .should()
        .callMethod(KeyStore.class, "store", OutputStream.class, char[].class)
        .orShould()
        .callMethod(KeyStore.class, "store", KeyStore.LoadStoreParameter.class)
        .because("keys in key stores are hardly protected: they are in memory, beside the password")
        .check(CLASSES);
  }

  @Test
  void rulesKnowOnlyTheContract() {
    noClasses()
        .that()
        .resideInAPackage("org.concordat.rules..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.concordat.agent..",
            "org.concordat.aggregator..",
            "org.concordat.ops..",
            "org.apache.kafka..",
            "io.vertx..")
        .because("the same plan runs on plaintext and on shares, wherever it is")
        .check(CLASSES);
  }

  @Test
  void schemasKnowNoBrokerAndNoRule() {
    noClasses()
        .that()
        .resideInAPackage("org.concordat.schemas..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.concordat.rules..",
            "org.concordat.agent..",
            "org.concordat.aggregator..",
            "org.concordat.ops..",
            "org.apache.kafka..",
            "io.vertx..")
        .because("the contract is what everyone depends on")
        .check(CLASSES);
  }

  @Test
  void noPackageCycles() {
    slices()
        .matching("org.concordat.(**)")
        .should()
        .beFreeOfCycles()
        .because("a reader must be able to start at the bottom")
        .check(CLASSES);
  }

  @Test
  void nobodyDrawsWeakRandomness() {
    noClasses()
        .that()
        .resideOutsideOfPackage("org.concordat.ops.simulate..")
        .and()
        .resideOutsideOfPackage("org.concordat.ops.bench..")
        .and()
        .resideOutsideOfPackage("org.concordat.ops.lift..")
        .and()
        .resideOutsideOfPackage("org.concordat.ops.chaos..")
        .should()
        .dependOnClassesThat(type(Random.class).or(type(SplittableRandom.class)))
        .orShould()
        .callMethod(Math.class, "random")
        .because("keys, seeds, salts and masks come from SecureRandom")
        .check(CLASSES);
  }
}
