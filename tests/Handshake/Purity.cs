using System.Reflection;

namespace RawSocketChat.Handshake.Tests;

/// <summary>The room does no I/O and uses no regular expressions.</summary>
internal sealed class Purity
{
    [TestCase("System.Text.RegularExpressions")]
    [TestCase("System.Net.Sockets")]
    [TestCase("System.Net.Primitives")]
    [TestCase("System.IO.Pipelines")]
    [TestCase("System.Net.Security")]
    public void The_assembly_does_not_reference(string assembly) =>
        References().Should().NotContain(assembly);

    [Test]
    public void The_assembly_references_the_framework_alone() =>
        References().Should().OnlyContain(name => name!.StartsWith("System.", StringComparison.Ordinal));

    private static IEnumerable<string?> References() =>
        typeof(RequestParser).Assembly.GetReferencedAssemblies().Select((AssemblyName a) => a.Name);
}
