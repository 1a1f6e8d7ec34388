package org.concordat.ops.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartCachesTest {
  @TempDir Path temp;

  private Path jar;
  private String classPath;
  private StartCaches caches;

  @BeforeEach
  void made() throws IOException {
    jar = Files.writeString(temp.resolve("b.jar"), "b");
    Path other = Files.writeString(temp.resolve("a.jar"), "a");
    classPath = jar + File.pathSeparator + other;
    caches = new StartCaches(temp);
    for (String command : List.of("agent", "aggregator", "broker", "check")) {
      Files.writeString(temp.resolve(command + ".aot"), "");
    }
    Files.writeString(temp.resolve("build.txt"), StartCaches.build(classPath));
  }

  @Test
  void aCommandUsesItsOwnIfThereIsOne() {
    assertThat(caches.options("agent")).contains("-XX:AOTCache=" + temp + "/agent.aot");
    assertThat(caches.options("--help")).isEmpty();
    assertThat(new StartCaches(temp.resolve("nowhere")).options("agent")).isEmpty();
  }

  @Test
  void theyFitOneClassPath() {
    assertThat(caches.fit(classPath)).isTrue();
    for (String other : List.of("", jar.toString(), classPath + ":" + jar, temp + "/*")) {
      assertThat(caches.fit(other)).as(other).isFalse();
    }
  }

  @Test
  void theyFitNoJarThatChanged() throws IOException {
    Files.writeString(jar, "changed");
    assertThat(caches.fit(classPath)).isFalse();
  }

  @Test
  void allAreNeeded() throws IOException {
    Files.delete(temp.resolve("check.aot"));
    assertThat(caches.fit(classPath)).isFalse();
  }

  @Test
  void thoseThatWereBeingReplacedFitNothing() throws IOException {
    Files.delete(temp.resolve("build.txt"));
    assertThat(caches.fit(classPath)).isFalse();
  }

  @Test
  void nothingIsLeftOfThoseThatWereRemoved() throws IOException {
    caches.remove();
    assertThat(caches.fit(classPath)).isFalse();
    assertThat(caches.options("agent")).isEmpty();
    caches.remove();
  }

  @Test
  void foldersOfJarsAreExpandedByName() throws IOException {
    Files.writeString(temp.resolve("c.txt"), "");
    assertThat(StartCaches.expanded("first.jar" + File.pathSeparator + temp + "/*"))
        .isEqualTo(String.join(File.pathSeparator, "first.jar", temp + "/a.jar", temp + "/b.jar"));
  }
}
