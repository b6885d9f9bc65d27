package io.jenkins.plugins.cvmfs.notify.client.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaListTest {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");

    @Test
    void linesHaveNamesOrAreNamedAfterTheirHosts() {
        assertThat(ReplicaList.parse("""
                        # stratum 1
                        site-a=http://s1.site-a.example.org/cvmfs/@fqrn@

                        http://s1.site-b.example.org/cvmfs/@org@.example.org/   # the second site
                        http://S1.site-b.example.org:8000/cvmfs/sw.example.org
                        """, NAME))
                .containsExactly(
                        new Replica("site-a", "http://s1.site-a.example.org/cvmfs/sw.example.org"),
                        new Replica("s1.site-b.example.org", "http://s1.site-b.example.org/cvmfs/sw.example.org"),
                        new Replica(
                                "s1.site-b.example.org:8000",
                                "http://S1.site-b.example.org:8000/cvmfs/sw.example.org"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://a.example.org/cvmfs/@fqrn@;http://b.example.org/cvmfs/@fqrn@",
                "http://a.example.org/cvmfs/@fqrn@|http://b.example.org/cvmfs/@fqrn@;",
                "CVMFS_SERVER_URL=http://a.example.org/cvmfs/@fqrn@;http://b.example.org/cvmfs/@fqrn@",
                "CVMFS_SERVER_URL=\"http://a.example.org/cvmfs/@fqrn@;http://b.example.org/cvmfs/@fqrn@\" # both",
                "CVMFS_USE_GEOAPI=yes\nCVMFS_SERVER_URL=http://a.example.org/cvmfs/@fqrn@|http://b.example.org/cvmfs/@fqrn@\n"
                        + "CVMFS_KEYS_DIR=/etc/cvmfs/keys/example.org",
                "export CVMFS_SERVER_URL='http://a.example.org/cvmfs/@fqrn@;http://b.example.org/cvmfs/@fqrn@'"
            })
    void theSettingOfAClientIsAList(String text) {
        assertThat(ReplicaList.parse(text, NAME))
                .containsExactly(
                        new Replica("a.example.org", "http://a.example.org/cvmfs/sw.example.org"),
                        new Replica("b.example.org", "http://b.example.org/cvmfs/sw.example.org"));
    }

    @Test
    void repositoriesOfOneHostGetDifferentNames() {
        assertThat(ReplicaList.parse("http://a.example.org/one\nhttp://a.example.org/two", NAME))
                .extracting(Replica::name)
                .containsExactly("a.example.org", "a.example.org-2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "site-a=http://s1.example.org/cvmfs/@fqrn@ through http://squid.example.org:3128",
                "site-a http://s1.example.org/cvmfs/@fqrn@/ through http://squid.example.org:3128/",
                "site-a\thttp://s1.example.org/cvmfs/@fqrn@\thttp://squid.example.org:3128"
            })
    void aReplicaMayBeReadThroughACache(String text) {
        assertThat(ReplicaList.parse(text, NAME))
                .containsExactly(new Replica(
                        "site-a", "http://s1.example.org/cvmfs/sw.example.org through http://squid.example.org:3128"));
    }

    @Test
    void whatIsWrongOrThereAlreadyIsNamedByItsLineAndTheOthersAreTaken() {
        // Given
        Replica present = new Replica("site-a", "http://a.example.org/cvmfs/sw.example.org/");

        // When
        ReplicaList.Reading reading = ReplicaList.read("""
                http://a.example.org/cvmfs/@fqrn@
                ftp://b.example.org/x;http://b.example.org/x

                site-a http://c.example.org/x
                http://d.example.org/bad
                http://b.example.org/x
                """, NAME, List.of(present), replica -> {
            if (replica.location().endsWith("bad")) {
                throw new InvalidInputException("not this one");
            }
        });

        // Then
        assertThat(reading.replicas()).extracting(Replica::name).containsExactly("b.example.org");
        assertThat(reading.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "line 1: http://a.example.org/cvmfs/sw.example.org is named twice",
                        "line 2: 'ftp://b.example.org/x' is neither an http or https URL nor NAME=URL",
                        "line 4: replica site-a is named twice",
                        "line 5: not this one",
                        "line 6: http://b.example.org/x is named twice");
        assertThat(reading.problems().stream().filter(problem -> !problem.isRepeated()))
                .extracting(ReplicaList.Problem::item)
                .containsExactly("ftp://b.example.org/x", "site-a http://c.example.org/x", "http://d.example.org/bad");
    }

    @Test
    void theNameOfTheRepositoryIsNeededOnlyToFillItIn() {
        ReplicaList.Reading reading =
                ReplicaList.read("http://a.example.org/@fqrn@\nhttp://b.example.org/x", null, List.of(), replica -> {});

        assertThat(reading.replicas()).extracting(Replica::name).containsExactly("b.example.org");
        assertThat(reading.problems())
                .extracting(Object::toString)
                .containsExactly("line 1: @fqrn@ and @org@ stand for the repository's name: give that first");
    }

    @Test
    void aTextWithoutReplicasIsAnEmptyList() {
        assertThat(ReplicaList.parse("\n# none\n;;", NAME)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiterString = " -> ",
            value = {
                "ftp://a.example.org/x -> line 2: 'ftp://a.example.org/x' is neither an http or https URL nor NAME=URL",
                "just words -> line 2: 'just words' is neither an http or https URL nor NAME=URL",
                "http://first.example.org/x/ -> line 2: http://first.example.org/x is named twice",
                "first=http://b.example.org/x -> line 2: replica first is named twice"
            })
    void anErrorNamesItsLine(String line, String message) {
        assertThatThrownBy(() -> ReplicaList.parse("first=http://first.example.org/x\n" + line, NAME))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    @Test
    void thereIsALimit() {
        String tooMany = IntStream.rangeClosed(0, Condition.MAX_REPLICAS)
                .mapToObj("http://s%d.example.org/x"::formatted)
                .collect(Collectors.joining("\n"));

        assertThatThrownBy(() -> ReplicaList.parse(tooMany, NAME))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("line 101: there are more than 100 replicas");
    }
}
