package org.concordat.aggregator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class LayersTest {
  private static final String ROOT = "org.concordat.aggregator";
  private static final String MPC = ROOT + ".mpc..";
  private static final String[] SHELL = {
    ROOT + ".worker..",
    ROOT + ".bus..",
    ROOT + ".keys..",
    ROOT + ".peer..",
    ROOT + ".metrics..",
    ROOT + ".config.."
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  @Test
  void theProtocolCoreNeedsNothingButTheLanguage() {
    noClasses()
        .that()
        .resideInAPackage(MPC)
        .should()
        .dependOnClassesThat(
            not(resideInAnyPackage(
                    MPC,
                    "java.lang",
                    "java.lang.foreign",
                    "java.lang.invoke",
                    "java.lang.runtime",
                    "java.util..",
                    "javax.crypto..",
                    "org.jspecify.annotations"))
                .and(not(type(java.nio.ByteOrder.class)))
                .and(
                    not(
                        resideInAPackage("java.security")
                            .and(
                                simpleName("MessageDigest")
                                    .or(nameMatching(".*Exception"))
                                    .or(simpleName("Key"))))))
        .because(
            "protocols run unchanged in a unit test, over a network that cheats and over TLS:"
                + " seeds, keys and channels are handed in (ByteOrder names the order of mask"
                + " bytes)")
        .check(CLASSES);
  }

  @Test
  void theProtocolCoreHasNoThreadClockOrRandomOfItsOwn() {
    noClasses()
        .that()
        .resideInAPackage(MPC)
        .should()
        .dependOnClassesThat(
            type(Thread.class)
                .or(resideInAPackage("java.util.concurrent.."))
                .or(type(java.util.Random.class))
                .or(type(java.util.SplittableRandom.class)))
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("all parties must take the same steps in the same order, run after run")
        .check(CLASSES);
  }

  @Test
  void suitesAndGadgetsDontKnowEachOther() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".mpc.gadget..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".mpc.rep3..", ROOT + ".mpc.random..")
        .because("a gadget is written once for every suite")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(ROOT + ".mpc.rep3..", ROOT + ".mpc.random..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + ".mpc.gadget..")
        .because("a suite gives products and openings and doesn't know what they are for")
        .check(CLASSES);
  }

  @Test
  void evaluationKnowsNoShell() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".evaluate..")
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(SHELL).or(resideInAnyPackage(ROOT + ".batch..", "org.slf4j..")))
        .because("a plan on shares is a function of its blocks, the suite decides who computes")
        .check(CLASSES);
  }

  @Test
  void theCoreKnowsNoShell() {
    noClasses()
        .that()
        .resideInAnyPackage(MPC, ROOT + ".evaluate..", ROOT + ".batch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(SHELL)
        .because("threads, sockets, clock and logs live in the shell, which uses the core")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void batchesAreDecidedOnRecordsAlone() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".batch..")
        .should()
        .dependOnClassesThat(
            not(
                resideInAnyPackage(
                        ROOT + ".batch..",
                        "java.lang",
                        "java.lang.invoke",
                        "java.lang.runtime",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "org.concordat.schemas.record",
                        "org.apache.avro..",
                        "org.jspecify.annotations")
                    .or(type(org.concordat.schemas.problem.Code.class))))
        .orShould()
        .dependOnClassesThat(type(Thread.class).or(type(java.util.Random.class)))
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .because("the machine is deterministic: time, threads, logs and writes are the shell's")
        .check(CLASSES);
  }

  @Test
  void noPackageCycles() {
    slices()
        .matching(ROOT + ".(**)")
        .should()
        .beFreeOfCycles()
        .because("a reader must be able to start at the bottom")
        .check(CLASSES);
  }

  @Test
  void theBanksSideIsUnknownHere() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.concordat.agent..", "org.concordat.ops..")
        .because("agent and aggregator share the contract in schemas and the rules, nothing else")
        .check(CLASSES);
  }
}
