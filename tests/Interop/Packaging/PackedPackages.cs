using System.IO.Compression;
using System.Xml.Linq;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests.Packaging;

/// <summary>The packages of all rooms, packed from the sources into a folder of their own, outside the repository.</summary>
[SetUpFixture]
public class PackedPackages
{
    private static DirectoryInfo? _scratch;

    /// <summary>The ids of the packages: a room's project is named as its package is.</summary>
    public static IEnumerable<string> Ids =>
        Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(project => Path.GetFileNameWithoutExtension(project))
            .Order(StringComparer.Ordinal);

    /// <summary>A folder for this run, deleted at its end.</summary>
    public static string Scratch => _scratch!.FullName;

    /// <summary>Where the packages are.</summary>
    public static string Folder => Path.Combine(Scratch, "packages");

    /// <summary>What packing wrote.</summary>
    public static string Output { get; private set; } = "";

    /// <summary>The version that all rooms share.</summary>
    public static string Version => Manifest("RawSocketChat.Server").Element("version");

    /// <summary>The file of a package.</summary>
    public static string PathOf(string id) => Path.Combine(Folder, $"{id}.{Version}.nupkg");

    /// <summary>The names of a package's or a symbol package's files.</summary>
    public static IReadOnlyList<string> EntriesOf(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        return [.. archive.Entries.Where(entry => entry.Length > 0).Select(entry => entry.FullName)];
    }

    /// <summary>What a package says of itself.</summary>
    public static PackageManifest Manifest(string id)
    {
        // The version is not known before the manifest is read; no other id continues with a digit.
        using var archive = ZipFile.OpenRead(Directory.GetFiles(Folder, $"{id}.*.nupkg").Single());
        using var nuspec = archive.GetEntry($"{id}.nuspec")!.Open();
        return new(XDocument.Load(nuspec));
    }

    [OneTimeSetUp]
    public async Task PackEverything()
    {
        _scratch = Directory.CreateTempSubdirectory("rawsocketchat-packages-");
        foreach (var id in Ids)
        {
            var project = Directory.GetFiles(Path.Combine(Repository.Root, "src"), $"{id}.csproj", SearchOption.AllDirectories).Single();
            Output += await DotNet.RunAsync(Repository.Root, ["pack", project, "-c", "Release", "-o", Folder]);
        }
    }

    [OneTimeTearDown]
    public void DeleteEverything() => _scratch?.Delete(recursive: true);
}
