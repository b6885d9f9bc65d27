package io.jenkins.plugins.cvmfs.notify.config;

import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.XmlFile;
import hudson.model.AdministrativeMonitor;
import hudson.model.Item;
import hudson.model.Saveable;
import hudson.model.listeners.SaveableListener;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.Permission;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Subject;
import io.jenkins.plugins.cvmfs.notify.connection.Observations.Trouble;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/**
 * Tells administrators what is wrong with the configuration, that of folders too, and what builds have met that it may be the cause
 * of: a server that cannot be reached or refuses a subscription, a replica that lags. Warns while there is time of what a restart without
 * the plugin does. Opens no connection; gone when it is healed.
 */
@Extension
public final class ConfigurationMonitor extends AdministrativeMonitor {

    private static final int MAX_SHOWN = 20;

    /**
     * The folders and the credentials are looked for no more often: in a large Jenkins a walk over all items takes long, credentials
     * may be kept elsewhere, and each page asks.
     */
    private static final Duration GOOD_FOR = Duration.ofMinutes(1);

    /** Null before the first look, and after a folder, credentials or the configuration have changed. */
    private volatile @Nullable Look last;

    /**
     * The part that needs time to find.
     *
     * @param folders the full names of those with entries
     * @param credentials the mistakes in what the entries choose of credentials, by folder; those of Jenkins as a whole by ""
     * @param until on the clock of {@link System#nanoTime()}
     */
    private record Look(List<String> folders, Map<String, List<Mistake>> credentials, long until) {

        boolean isGood() {
            return until - System.nanoTime() > 0
                    && folders.stream().allMatch(name -> Jenkins.get().getItemByFullName(name, Item.class) != null);
        }

        List<Mistake> credentials(String folder) {
            return credentials.getOrDefault(folder, List.of());
        }
    }

    /**
     * A line of the monitor.
     *
     * @param link where it is fixed, below the root of Jenkins
     */
    public record Line(String text, String link) {}

    @Override
    public String getDisplayName() {
        return Messages.CvmfsNotifyConfiguration_DisplayName();
    }

    @Override
    public boolean isActivated() {
        return lines().findAny().isPresent();
    }

    /** Those who may see the configuration; only administrators may dismiss it. */
    @Override
    public Permission getRequiredPermission() {
        return Jenkins.SYSTEM_READ;
    }

    /** The first lines. */
    public List<Line> getLines() {
        return lines().limit(MAX_SHOWN).toList();
    }

    /** The number of lines that are not shown. */
    public long getMore() {
        return Math.max(0, lines().count() - MAX_SHOWN);
    }

    private Stream<Line> lines() {
        Look look = look();
        return Stream.of(
                        leaving().stream(),
                        Stream.concat(CvmfsNotifyConfiguration.get().mistakes().stream(), look.credentials("").stream())
                                .map(mistake -> new Line(
                                        mistake.entry() + ": " + mistake.problem(), CvmfsNotifyConfiguration.LINK)),
                        look.folders().stream().flatMap(folder -> mistakesIn(folder, look.credentials(folder))),
                        JenkinsNetwork.get().observations().troubles().stream().flatMap(ConfigurationMonitor::line))
                .flatMap(lines -> lines);
    }

    /** After the restart no class of the plugin is there to say it. */
    private static Optional<Line> leaving() {
        return JenkinsNetwork.leavingPlugin()
                .map(plugin ->
                        new Line(Messages.ConfigurationMonitor_PluginLeaves(plugin), "manage/pluginManager/installed"));
    }

    /** Looks also at what the user may not see. A folder that was renamed or moved is looked for at once. */
    @SuppressWarnings("try") // The context is in force as long as it is open.
    private Look look() {
        try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
            Look found = last;
            if (found == null || !found.isGood()) {
                List<String> folders = FolderSites.foldersWithSites();
                Map<String, List<Mistake>> credentials = new HashMap<>();
                credentials.put("", CvmfsNotifyConfiguration.get().mistakesInCredentials());
                for (String folder : folders) {
                    credentials.put(
                            folder,
                            level(folder, Jenkins.get().getItemByFullName(folder, Item.class))
                                    .flatMap(level -> Mistake.inCredentials(level).stream())
                                    .toList());
                }
                found = new Look(folders, credentials, System.nanoTime() + GOOD_FOR.toNanos());
                last = found;
            }
            return found;
        }
    }

    private static Stream<SiteLevel> level(String folder, @Nullable Item item) {
        return FolderSites.around(item).stream().filter(level -> folder.equals(level.folder()));
    }

    /** Returns nothing of a folder whose configuration the user may not read. */
    private static Stream<Line> mistakesIn(String folder, List<Mistake> credentials) {
        return readable(folder).stream()
                .flatMap(item -> Stream.concat(
                                level(folder, item)
                                        .flatMap(level ->
                                                Mistake.in(
                                                        level,
                                                        CvmfsNotifyConfiguration.get()
                                                                .sites(item))
                                                        .stream()),
                                credentials.stream())
                        .map(mistake -> new Line(
                                Messages.ConfigurationMonitor_InFolder(mistake.entry(), folder, mistake.problem()),
                                link(item))));
    }

    /** Returns the folder if the user may read its configuration. */
    private static Optional<Item> readable(String folder) {
        return Optional.ofNullable(Jenkins.get().getItemByFullName(folder, Item.class))
                .filter(item -> item.hasPermission(Item.EXTENDED_READ));
    }

    private static String link(Item folder) {
        return folder.getUrl() + "configure";
    }

    private static Stream<Line> line(Trouble trouble) {
        String age = GateReport.text(trouble.age());
        if (trouble.subject() instanceof Subject.Unreachable unreachable) {
            ServerSettings server = unreachable.server();
            return line(server, Messages.ConfigurationMonitor_Unreachable(named(server), age, trouble.text()));
        }
        if (trouble.subject() instanceof Subject.RefusedSubscription refused) {
            ServerSettings server = refused.server();
            return line(
                    server, Messages.ConfigurationMonitor_Refused(named(server), refused.repository(), trouble.text()));
        }
        Subject.LaggingReplica lagging = (Subject.LaggingReplica) trouble.subject();
        return Stream.of(new Line(
                Messages.ConfigurationMonitor_Lags(lagging.replica(), lagging.repository(), age, trouble.text()),
                CvmfsNotifyConfiguration.LINK));
    }

    private static String named(ServerSettings server) {
        return server.folder() == null
                ? "'%s'".formatted(server)
                : "'%s' of the folder '%s'".formatted(server, server.folder());
    }

    private static Stream<Line> line(ServerSettings server, String text) {
        String folder = server.folder();
        return folder == null
                ? Stream.of(new Line(text, CvmfsNotifyConfiguration.LINK))
                : readable(folder).map(item -> new Line(text, link(item))).stream();
    }

    /** Forgets what may have been fixed. */
    @Extension
    public static final class Changes extends SaveableListener {

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            boolean isFolder = saved instanceof Item item && FolderSites.isFolder(item);
            if (isFolder || saved instanceof CvmfsNotifyConfiguration || saved instanceof SystemCredentialsProvider) {
                ExtensionList.lookupSingleton(ConfigurationMonitor.class).last = null;
            }
            boolean isOfFolder = isFolder && FolderSites.hasSites((Item) saved);
            if (saved instanceof CvmfsNotifyConfiguration || isOfFolder) {
                JenkinsNetwork.get().observations().forget();
            }
        }
    }
}
