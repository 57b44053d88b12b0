using System.Text;

namespace RawSocketChat.Handshake.Tests;

internal sealed class AcceptKey_4_2_2
{
    [Test]
    public void The_example_key_gives_the_example_value()
    {
        byte[] accept = new byte[28];

        AcceptKey.Compute("dGhlIHNhbXBsZSBub25jZQ=="u8, accept);

        Encoding.ASCII.GetString(accept).Should().Be("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    [Test]
    public void Nothing_is_written_behind_the_value()
    {
        byte[] accept = new byte[32];

        AcceptKey.Compute("dGhlIHNhbXBsZSBub25jZQ=="u8, accept);

        accept.AsSpan(28).ToArray().Should().Equal(0, 0, 0, 0);
    }

    [TestCase(0, 28)]
    [TestCase(23, 28)]
    [TestCase(25, 28)]
    [TestCase(24, 27)]
    public void Another_length_is_a_programmers_error(int keyLength, int destinationLength)
    {
        Action compute = () => AcceptKey.Compute(new byte[keyLength], new byte[destinationLength]);

        compute.Should().Throw<ArgumentException>();
    }

    [Test]
    public void It_allocates_nothing()
    {
        byte[] key = "dGhlIHNhbXBsZSBub25jZQ=="u8.ToArray();
        byte[] accept = new byte[28];
        AcceptKey.Compute(key, accept);

        long before = GC.GetAllocatedBytesForCurrentThread();
        AcceptKey.Compute(key, accept);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }
}
