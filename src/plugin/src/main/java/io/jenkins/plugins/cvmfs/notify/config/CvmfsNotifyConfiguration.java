package io.jenkins.plugins.cvmfs.notify.config;

import hudson.BulkChange;
import hudson.Extension;
import hudson.ExtensionList;
import hudson.model.Item;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jenkins.model.GlobalConfiguration;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * The section "CVMFS notifications" of Manage Jenkins &gt; System; {@code unclassified.cvmfsNotify} for Configuration as Code.
 * Only administrators change it: Jenkins itself guards the page. Jenkins saves the names of this class, of the entries and of
 * their fields in its XML files, so they must not change.
 */
@Extension
@Symbol("cvmfsNotify")
public final class CvmfsNotifyConfiguration extends GlobalConfiguration {

    /** Where this section is, below the root of Jenkins. */
    static final String LINK = "manage/configure";

    private static final int MAX_NAMED = 5;
    private static final Pattern HOST = Pattern.compile("(\\*\\.)?[A-Za-z0-9.-]+");

    private volatile List<ServerEntry> servers = new ArrayList<>();
    private volatile List<RepositoryEntry> repositories = new ArrayList<>();
    private volatile boolean urlsInPipelines;
    private volatile @Nullable String hostsInFolders;

    /** The configuration before a bulk change, which is how Configuration as Code sets all of it; null outside of one. */
    private transient @Nullable Saved beforeBulkChange;

    private record Saved(
            List<ServerEntry> servers,
            List<RepositoryEntry> repositories,
            boolean urlsInPipelines,
            @Nullable String hostsInFolders) {}

    /** Loads what was saved. Called by Jenkins. */
    public CvmfsNotifyConfiguration() {
        load();
    }

    /** The only instance, which Jenkins makes. */
    public static CvmfsNotifyConfiguration get() {
        return ExtensionList.lookupSingleton(CvmfsNotifyConfiguration.class);
    }

    @Override
    public String getDisplayName() {
        return Messages.CvmfsNotifyConfiguration_DisplayName();
    }

    /** The notification servers that pipelines may name. */
    public List<ServerEntry> getServers() {
        return servers;
    }

    @DataBoundSetter
    public void setServers(@Nullable List<ServerEntry> all) {
        changing();
        this.servers = all == null ? new ArrayList<>() : new ArrayList<>(all);
        save();
    }

    /** The repositories that pipelines may name. */
    public List<RepositoryEntry> getRepositories() {
        return repositories;
    }

    @DataBoundSetter
    public void setRepositories(@Nullable List<RepositoryEntry> all) {
        changing();
        this.repositories = all == null ? new ArrayList<>() : new ArrayList<>(all);
        save();
    }

    /** Returns true if a pipeline may give URLs, to which this Jenkins then sends requests; false by default. */
    public boolean isUrlsInPipelines() {
        return urlsInPipelines;
    }

    /** Allow it only if every author of a pipeline may make this Jenkins send requests into its network. */
    @DataBoundSetter
    public void setUrlsInPipelines(boolean allowed) {
        changing();
        this.urlsInPipelines = allowed;
        save();
    }

    /** The hosts that folders may use besides those that administrators have configured; null for none. */
    public @Nullable String getHostsInFolders() {
        return hostsInFolders;
    }

    /** Names, and {@code *.} with the end of names, with commas or blanks between them; blank for none. */
    @DataBoundSetter
    public void setHostsInFolders(@Nullable String hosts) {
        changing();
        this.hostsInFolders = FormFields.text(hosts);
        save();
    }

    /**
     * Returns what can be named in an item: in a job, or in a form of a folder. A copy, which later changes do not touch.
     *
     * @param item null for Jenkins as a whole
     */
    public ConfiguredSites sites(@Nullable Item item) {
        List<SiteLevel> levels = new ArrayList<>(FolderSites.around(item));
        levels.add(level());
        return new ConfiguredSites(
                levels, urlsInPipelines, FormFields.names(hostsInFolders == null ? "" : hostsInFolders));
    }

    private SiteLevel level() {
        return new SiteLevel(null, servers, repositories);
    }

    private synchronized void changing() {
        if (!BulkChange.contains(this)) {
            beforeBulkChange = null;
        } else if (beforeBulkChange == null) {
            beforeBulkChange = new Saved(servers, repositories, urlsInPipelines, hostsInFolders);
        }
    }

    /**
     * Saves the configuration, unless a bulk change is going on.
     *
     * @throws InvalidInputException at the end of a bulk change, if an entry has a mistake; the configuration is then as before
     */
    @Override
    public synchronized void save() {
        Saved before = beforeBulkChange;
        if (before != null && !BulkChange.contains(this)) {
            beforeBulkChange = null;
            List<Mistake> mistakes = mistakes();
            if (!mistakes.isEmpty()) {
                servers = before.servers();
                repositories = before.repositories();
                urlsInPipelines = before.urlsInPipelines();
                hostsInFolders = before.hostsInFolders();
                throw new InvalidInputException(mistakes.stream()
                        .limit(MAX_NAMED)
                        .map(mistake -> "unclassified.cvmfsNotify.%s: %s".formatted(mistake.path(), mistake.problem()))
                        .collect(Collectors.joining("; ")));
            }
        }
        super.save();
    }

    /** Returns the mistakes in the entries. */
    List<Mistake> mistakes() {
        return Mistake.in(level(), sites(null));
    }

    /** Returns the mistakes in what the entries choose of credentials. May block. */
    List<Mistake> mistakesInCredentials() {
        return Mistake.inCredentials(level());
    }

    @Override
    public boolean configure(StaplerRequest2 req, JSONObject json) throws FormException {
        // The form leaves a list out whose last entry was deleted. The present lists stay as they are until they are
        // replaced, because builds go on meanwhile.
        for (String list : List.of("servers", "repositories")) {
            if (json.opt(list) == null) {
                json.put(list, new JSONArray());
            }
        }
        return super.configure(req, json);
    }

    /** Checks that each is the name of a host, or the end of names. */
    @POST
    public FormValidation doCheckHostsInFolders(@QueryParameter String value) {
        return FormPlace.of(null)
                .check(() -> FormFields.names(value).stream()
                        .filter(host -> !HOST.matcher(host).matches())
                        .findFirst()
                        .ifPresent(host -> {
                            throw new InvalidInputException(Messages.CvmfsNotifyConfiguration_NoHost(Excerpt.of(host)));
                        }));
    }
}
