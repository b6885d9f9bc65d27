package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.util.FormValidation;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.casc.ConfigurationContext;
import io.jenkins.plugins.casc.ConfiguratorException;
import io.jenkins.plugins.casc.ConfiguratorRegistry;
import io.jenkins.plugins.casc.misc.Util;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlPage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@Tag("project")
@WithJenkins
class ConfigurationTest {

    @TempDir
    private Path folder;

    private JenkinsRule jenkins;

    @BeforeEach
    void take(JenkinsRule rule) {
        jenkins = rule;
    }

    private static void requireAsInTheYaml(CvmfsNotifyConfiguration configuration) {
        ServerEntry server = configuration.getServers().get(0);
        assertThat(server.getName()).isEqualTo("main");
        assertThat(server.getUrl()).isEqualTo("https://notify.example.org/api/v1");
        assertThat(server.getTransport()).isEqualTo("sse");
        assertThat(server.getCredentialsId()).isEqualTo("cvmfs-token");
        RepositoryEntry repository = configuration.getRepositories().get(0);
        assertThat(repository.getName()).isEqualTo("sw.example.org");
        assertThat(repository.getStratum0()).isEqualTo("http://stratum0.example.org/cvmfs/sw.example.org");
        assertThat(repository.getServer()).isEqualTo("main");
        assertThat(repository.getMasterKeys()).startsWith("-----BEGIN PUBLIC KEY-----");
        assertThat(repository.isAllowUnverified()).isTrue();
        assertThat(repository.getReplicas()).extracting(ReplicaEntry::getName).containsExactly("site-a", "site-b");
        assertThat(configuration.isUrlsInPipelines()).isTrue();
    }

    private void configureAsCode() {
        ConfigurationAsCode.get()
                .configure(ConfigurationTest.class
                        .getResource("configuration.yaml")
                        .toString());
    }

    @Test
    void theYamlConfiguresEverything() {
        // When
        configureAsCode();

        // Then
        requireAsInTheYaml(CvmfsNotifyConfiguration.get());
        requireWhatCameLater(CvmfsNotifyConfiguration.get());
    }

    /** What the first version did not have. */
    private static void requireWhatCameLater(CvmfsNotifyConfiguration configuration) {
        assertThat(configuration.getRepositories().get(0).getReplicas())
                .extracting(ReplicaEntry::getProxy)
                .containsExactly(null, "http://squid.site-b.example.org:3128");
        assertThat(configuration.getRepositories().get(0).getMasterKeysCredentialsId())
                .isEqualTo("cvmfs-keys");
    }

    @Test
    void theExportedYamlIsTheImportedOne() throws Exception {
        // Given
        configureAsCode();
        ConfigurationContext context = new ConfigurationContext(ConfiguratorRegistry.get());

        // When
        String exported = Util.toYamlString(Util.getUnclassifiedRoot(context).get("cvmfsNotify"));

        // Then
        assertThat(exported).isEqualTo(Util.toStringFromYamlFile(this, "exported.yaml"));
    }

    @Test
    void whatWasExportedConfiguresTheSameAgain() throws Exception {
        // Given
        configureAsCode();
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        CvmfsNotifyConfiguration.get().setServers(List.of());
        CvmfsNotifyConfiguration.get().setRepositories(List.of());
        CvmfsNotifyConfiguration.get().setUrlsInPipelines(false);

        // When
        Path file = folder.resolve("exported.yaml");
        Files.write(file, exported.toByteArray());
        ConfigurationAsCode.get().configure(file.toString());

        // Then
        requireAsInTheYaml(CvmfsNotifyConfiguration.get());
        requireWhatCameLater(CvmfsNotifyConfiguration.get());
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(again);
        assertThat(again.toString(UTF_8)).isEqualTo(exported.toString(UTF_8));
    }

    @Test
    void theFormKeepsEverything() throws Exception {
        // Given
        configureAsCode();

        // When
        jenkins.configRoundtrip();

        // Then
        requireAsInTheYaml(CvmfsNotifyConfiguration.get());
        requireWhatCameLater(CvmfsNotifyConfiguration.get());
    }

    @Test
    void theFileKeepsEverything() {
        // Given
        configureAsCode();

        // When
        CvmfsNotifyConfiguration read = new CvmfsNotifyConfiguration();

        // Then
        requireAsInTheYaml(read);
        requireWhatCameLater(read);
    }

    @Test
    void aFileOfTheFirstVersionIsRead() throws Exception {
        // Given
        Path file = jenkins.jenkins.getRootDir().toPath().resolve(CvmfsNotifyConfiguration.class.getName() + ".xml");

        // When
        try (InputStream saved = ConfigurationTest.class.getResourceAsStream("saved.xml")) {
            Files.write(file, saved.readAllBytes());
        }

        // Then
        requireAsInTheYaml(new CvmfsNotifyConfiguration());
    }

    @Test
    void aFileOfAVersionWithoutASettingReadsAsItsSafeDefault() throws Exception {
        // Given
        configureAsCode();
        Path file = jenkins.jenkins.getRootDir().toPath().resolve(CvmfsNotifyConfiguration.class.getName() + ".xml");
        String saved = Files.readString(file);
        assertThat(saved).contains("<allowUnverified>true</allowUnverified>");

        // When
        Files.writeString(file, saved.replace("<allowUnverified>true</allowUnverified>", ""));
        RepositoryEntry read = new CvmfsNotifyConfiguration().getRepositories().get(0);

        // Then
        assertThat(read.isAllowUnverified()).isFalse();
        assertThat(read.getMasterKeys()).startsWith("-----BEGIN PUBLIC KEY-----");
    }

    @Test
    void theYamlOfTheManualConfiguresWhatItSays() throws Exception {
        // Given
        String manual = Files.readString(Path.of("../../docs/jenkins.md"));
        String yaml = manual.substring(manual.indexOf("```yaml") + 7);
        Path file = Files.writeString(folder.resolve("manual.yaml"), yaml.substring(0, yaml.indexOf("```")));

        // When
        ConfigurationAsCode.get().configure(file.toString());

        // Then
        CvmfsNotifyConfiguration configuration = CvmfsNotifyConfiguration.get();
        assertThat(configuration.getServers()).extracting(ServerEntry::getTransport).containsExactly("auto");
        assertThat(configuration.getRepositories())
                .extracting(RepositoryEntry::getServer)
                .containsExactly("main");
        assertThat(configuration.getRepositories())
                .extracting(RepositoryEntry::isAllowUnverified)
                .containsExactly(false);
        assertThat(configuration.getRepositories().get(0).getReplicas())
                .extracting(ReplicaEntry::getName)
                .containsExactly("site-a", "site-b");
        assertThat(configuration.isUrlsInPipelines()).isFalse();
    }

    @Test
    void anEntryWithoutANameIsKeptSoThatItCanBeFixedInTheForm() {
        // When
        CvmfsNotifyConfiguration.get().setRepositories(List.of(new RepositoryEntry(null)));

        // Then
        assertThat(new CvmfsNotifyConfiguration().getRepositories())
                .extracting(RepositoryEntry::getName)
                .containsExactly("");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            servers: [{name: main, url: 'https://a', transport: pigeon}] | servers[0].transport: transport is 'pigeon', must be
            servers: [{name: main, url: 'ftp://a'}] | servers[0].url:
            servers: [{name: a, url: 'https://a'}, {name: a, url: 'https://b'}] | servers[1].name: servers[0] has this name too
            repositories: [{name: sw.example.org, server: gone}] | repositories[0].server: no notification server 'gone' is configured
            repositories: [{stratum0: 'http://x'}] | repositories[0].name:
            repositories: [{name: a, replicas: [{name: r, url: /cvmfs}]}] | repositories[0].replicas[0].url: '/cvmfs' is not
            """)
    void aMistakeInTheYamlIsRefusedWithThePathOfTheEntryAndNothingChanges(String yaml, String expected)
            throws Exception {
        // Given
        configureAsCode();
        Path file = Files.writeString(
                folder.resolve("wrong.yaml"), "unclassified: {cvmfsNotify: {urlsInPipelines: false, %s}}".formatted(yaml));

        // Then
        assertThatThrownBy(() -> ConfigurationAsCode.get().configure(file.toString()))
                .isInstanceOf(ConfiguratorException.class)
                .rootCause()
                .hasMessageStartingWith("unclassified.cvmfsNotify." + expected);
        requireAsInTheYaml(CvmfsNotifyConfiguration.get());
        requireAsInTheYaml(new CvmfsNotifyConfiguration());
    }

    @Test
    void afterARefusedYamlTheFormStillKeepsWhatIsTyped() throws Exception {
        // Given
        Path file = Files.writeString(
                folder.resolve("wrong.yaml"), "unclassified: {cvmfsNotify: {servers: [{name: x, url: y, unknown: z}]}}");
        assertThatThrownBy(() -> ConfigurationAsCode.get().configure(file.toString()))
                .isInstanceOf(ConfiguratorException.class);

        // When
        CvmfsNotifyConfiguration.get().setServers(List.of(new ServerEntry("typed", "nonsense")));

        // Then
        assertThat(new CvmfsNotifyConfiguration().getServers())
                .extracting(ServerEntry::getName)
                .containsExactly("typed");
    }

    @Test
    void aServerThatIsNotConfiguredAnyMoreIsReportedInTheFormOfItsRepository() {
        // Given
        configureAsCode();
        RepositoryEntry.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(RepositoryEntry.DescriptorImpl.class);

        // When
        FormValidation there = form.doCheckServer(null, "main", null);
        FormValidation gone = form.doCheckServer(null, "gone", null);

        // Then
        assertThat(there.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(gone.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(form.doCheckServer(null, "main", "other\n").kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(form.doCheckServer(null, "other", "other\n").kind).isEqualTo(FormValidation.Kind.OK);
    }

    @Test
    void deletingTheLastEntriesInTheFormDeletesThem() throws Exception {
        // Given
        configureAsCode();

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            HtmlPage page = client.goTo("manage/configure");
            List<DomElement> entries = page.getByXPath("//div[@name='servers' or @name='repositories']");
            entries.forEach(DomElement::remove);
            jenkins.submit(page.getFormByName("config"));

            // Then
            assertThat(entries).hasSizeGreaterThanOrEqualTo(2);
            assertThat(CvmfsNotifyConfiguration.get().getServers()).isEmpty();
            assertThat(CvmfsNotifyConfiguration.get().getRepositories()).isEmpty();
        }
    }

    @Test
    void theConnectionTestConnectsOverAWebSocketAndOverEventStreams() throws Exception {
        // Given
        ServerEntry.DescriptorImpl descriptor = jenkins.jenkins.getDescriptorByType(ServerEntry.DescriptorImpl.class);

        try (Site site = new Site(folder.toRealPath())) {
            // When
            FormValidation webSocket = descriptor.doTestConnection(null, site.proxyUrl(), "websocket", "");
            FormValidation sse = descriptor.doTestConnection(null, site.proxyUrl(), "sse", "");
            site.stopProxy();
            FormValidation gone = descriptor.doTestConnection(null, site.proxyUrl(), "auto", "");

            // Then
            assertThat(webSocket.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(webSocket.getMessage()).contains("by WebSocket");
            assertThat(sse.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(sse.getMessage()).contains("by server-sent events");
            assertThat(gone.kind).isEqualTo(FormValidation.Kind.ERROR);
        }
    }
}
