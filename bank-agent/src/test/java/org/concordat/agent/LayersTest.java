package org.concordat.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static final String ROOT = "org.concordat.agent";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void thePackagesHaveAnOrder() {
    slices()
        .matching(ROOT + ".(*)..")
        .should()
        .beFreeOfCycles()
        .because("a transaction goes through the packages in one direction")
        .check(CLASSES);
  }

  @Test
  void onlyPublisherAlertReaderAndTheTopicsSourceKnowKafka() {
    noClasses()
        .that()
        .resideInAnyPackage(
            ROOT + ".ingest..", ROOT + ".encode..", ROOT + ".store..", ROOT + ".metrics..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka..")
        .because("what is durable and what is a duplicate doesn't depend on the brokers")
        .check(CLASSES);
  }

  @Test
  void onlyTheStoreKnowsRocksDb() {
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + ".store..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .because("what becomes durable together is decided in one place")
        .check(CLASSES);
  }

  @Test
  void theAgentKnowsNoAggregator() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.concordat.aggregator..")
        .because("a bank runs no aggregator's code")
        .check(CLASSES);
  }
}
