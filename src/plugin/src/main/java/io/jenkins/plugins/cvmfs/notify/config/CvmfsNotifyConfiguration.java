package io.jenkins.plugins.cvmfs.notify.config;

import hudson.Extension;
import hudson.ExtensionList;
import java.util.ArrayList;
import java.util.List;
import jenkins.model.GlobalConfiguration;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.StaplerRequest2;

/**
 * The section "CVMFS notifications" of Manage Jenkins &gt; System; {@code unclassified.cvmfsNotify} for Configuration as Code.
 * Only administrators change it: Jenkins itself guards the page.
 */
@Extension
@Symbol("cvmfsNotify")
public final class CvmfsNotifyConfiguration extends GlobalConfiguration {

    private List<ServerEntry> servers = new ArrayList<>();
    private List<RepositoryEntry> repositories = new ArrayList<>();
    private boolean urlsInPipelines;

    /** Made by Jenkins, which then fills in what was saved. */
    public CvmfsNotifyConfiguration() {
        load();
    }

    /** The one there is. */
    public static CvmfsNotifyConfiguration get() {
        return ExtensionList.lookupSingleton(CvmfsNotifyConfiguration.class);
    }

    @Override
    public String getDisplayName() {
        return Messages.CvmfsNotifyConfiguration_DisplayName();
    }

    /** The servers that pipelines may name. */
    public List<ServerEntry> getServers() {
        return servers;
    }

    /** Replaces all. */
    @DataBoundSetter
    public void setServers(@Nullable List<ServerEntry> all) {
        this.servers = all == null ? new ArrayList<>() : new ArrayList<>(all);
        save();
    }

    /** The repositories that pipelines may name. */
    public List<RepositoryEntry> getRepositories() {
        return repositories;
    }

    /** Replaces all. */
    @DataBoundSetter
    public void setRepositories(@Nullable List<RepositoryEntry> all) {
        this.repositories = all == null ? new ArrayList<>() : new ArrayList<>(all);
        save();
    }

    /** Whether a pipeline may give URLs of its own, which this Jenkins then reads. */
    public boolean isUrlsInPipelines() {
        return urlsInPipelines;
    }

    /** Not unless every author of a pipeline may make this Jenkins send requests into its network. */
    @DataBoundSetter
    public void setUrlsInPipelines(boolean allowed) {
        this.urlsInPipelines = allowed;
        save();
    }

    /** What the steps use: a copy that later changes do not touch. */
    public Directory directory() {
        return new Directory(servers, repositories, urlsInPipelines);
    }

    @Override
    public boolean configure(StaplerRequest2 req, JSONObject json) throws FormException {
        // A list whose last entry was deleted in the form is not in the JSON at all. Nothing is emptied meanwhile:
        // builds go on.
        for (String list : List.of("servers", "repositories")) {
            if (json.opt(list) == null) {
                json.put(list, new JSONArray());
            }
        }
        return super.configure(req, json);
    }
}
