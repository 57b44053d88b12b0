namespace RawSocketChat.Interop.Tests.Packaging;

[TestFixtureSource(typeof(PackedPackages), nameof(PackedPackages.Ids))]
public class Every_package(string id)
{
    // The arrows between the rooms: docs and the architecture tests draw the same ones.
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Framing"] = [],
        ["Handshake"] = [],
        ["Connection"] = ["Framing"],
        ["Server"] = ["Connection", "Handshake", "Framing"],
        ["Client"] = ["Connection", "Handshake", "Framing"],
        ["Hosting"] = ["Server"],
    };

    [Test]
    public void Is_packed_without_a_warning() => PackedPackages.Output.Should().NotContain("warning");

    [Test]
    public void Has_a_readme_a_licence_and_a_description()
    {
        var manifest = PackedPackages.Manifest(id);

        manifest.Element("readme").Should().Be("README.md");
        PackedPackages.EntriesOf(PackedPackages.PathOf(id)).Should().Contain("README.md");
        manifest.LicenceKind.Should().Be("expression");
        manifest.Element("license").Should().Be("MIT");
        manifest.Element("description").Should().NotBeEmpty().And.NotBe("Package Description");
    }

    [Test]
    public void Has_its_assembly_its_documentation_and_its_symbols()
    {
        var package = PackedPackages.PathOf(id);

        PackedPackages.EntriesOf(package).Should().Contain([$"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"]);
        PackedPackages.EntriesOf(Path.ChangeExtension(package, ".snupkg")).Should().Contain($"lib/net10.0/{id}.pdb");
    }

    [Test]
    public void Depends_on_its_rooms_and_on_the_framework_s_extensions_alone()
    {
        var manifest = PackedPackages.Manifest(id);
        var room = id.Split('.')[^1];

        manifest.Frameworks.Should().Equal("net10.0");
        Rooms.Should().ContainKey(room);
        var rooms = manifest.Dependencies.Where(dependency => dependency.StartsWith("RawSocketChat.", StringComparison.Ordinal));
        rooms.Should().BeSubsetOf(Rooms[room].Select(other => $"RawSocketChat.{other}"));
        manifest.Dependencies.Except(rooms).Should().NotContain(
            other => !other.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal));
    }

    [Test]
    public void Shares_the_version_of_the_others() =>
        PackedPackages.Manifest(id).Element("version").Should().Be(PackedPackages.Version);
}
