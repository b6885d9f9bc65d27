package io.jenkins.plugins.cvmfs.notify.config;

import hudson.BulkChange;
import hudson.Extension;
import hudson.ExtensionList;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jenkins.model.GlobalConfiguration;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.StaplerRequest2;

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

    private List<ServerEntry> servers = new ArrayList<>();
    private List<RepositoryEntry> repositories = new ArrayList<>();
    private boolean urlsInPipelines;

    /** The configuration before a bulk change, which is how Configuration as Code sets all of it; null outside of one. */
    private transient @Nullable ConfiguredSites beforeBulkChange;

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

    /** Returns a copy for the steps, which later changes do not touch. */
    public ConfiguredSites sites() {
        return new ConfiguredSites(servers, repositories, urlsInPipelines);
    }

    private synchronized void changing() {
        if (!BulkChange.contains(this)) {
            beforeBulkChange = null;
        } else if (beforeBulkChange == null) {
            beforeBulkChange = sites();
        }
    }

    /**
     * Saves the configuration, unless a bulk change is going on.
     *
     * @throws InvalidInputException at the end of a bulk change, if an entry has a mistake; the configuration is then as before
     */
    @Override
    public synchronized void save() {
        ConfiguredSites before = beforeBulkChange;
        if (before != null && !BulkChange.contains(this)) {
            beforeBulkChange = null;
            List<Mistake> mistakes = mistakes();
            if (!mistakes.isEmpty()) {
                servers = new ArrayList<>(before.servers());
                repositories = new ArrayList<>(before.repositories());
                urlsInPipelines = before.urlsInPipelines();
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
        return Mistake.in(
                servers,
                repositories,
                servers.stream().map(ServerEntry::getName).collect(Collectors.toSet()));
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
}
